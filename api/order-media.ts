import type { Order } from '../domain/video.ts';
import type { Deps } from '../infra/deps.ts';
import { useMedia } from '../infra/media/rows.ts';
import type { FieldFault } from './order-schema.ts';

/** The faults of orders that name media which is not there. What is there counts as used from here on. */
export async function mediaFaults(
  { pool }: Pick<Deps, 'pool'>,
  orders: readonly Order[],
  prefixOf: (index: number) => string,
): Promise<FieldFault[]> {
  const named = [...new Set(orders.flatMap(({ media = [] }) => media))];
  if (named.length === 0) return [];
  const known = new Set((await useMedia(pool, named)).map(({ id }) => id));
  return orders.flatMap(({ media = [] }, order) =>
    media.flatMap((id, i) =>
      known.has(id) ? [] : [{ field: `${prefixOf(order)}media.${i}`, message: 'no such media: POST /media' }],
    ),
  );
}
