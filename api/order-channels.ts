import type { Order } from '../domain/video.ts';
import { howToConnect } from '../infra/publish/account.ts';
import { connectedAmong } from '../infra/publish/channels.ts';
import type { ApiDeps } from './app.ts';
import type { FieldFault } from './order-schema.ts';

/** Orders that are to be published on a channel that no account is connected for. */
export async function channelFaults(
  { pool }: Pick<ApiDeps, 'pool'>,
  orders: readonly Order[],
  prefixOf: (index: number) => string,
): Promise<FieldFault[]> {
  const wanted = orders.filter(({ publish }) => publish).map(({ channel_id }) => channel_id);
  if (wanted.length === 0) return [];
  const connected = await connectedAmong(pool, wanted);
  return orders.flatMap(({ publish, channel_id }, index) => {
    if (!publish || connected.has(channel_id)) return [];
    const message = `no account is connected for the channel "${channel_id}": ${howToConnect(channel_id)}`;
    return [{ field: `${prefixOf(index)}publish`, message }];
  });
}
