import { dollars } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { roomToday } from './caps.ts';

/** Dollars that may still go into production today; what a lowered limit has crossed already counts as 0. */
export interface RoomToday {
  /** Of all videos; null without a limit. */
  all: number | null;
  /** By channel, of those that have a limit. */
  channels: Record<string, number>;
}

/** What the limits of the day leave now, for these channels. */
export async function readRoomToday(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  channelIds: ReadonlySet<string>,
): Promise<RoomToday> {
  const { rows } = await pool.query<{ total: string | null; channels: Record<string, string> | null }>(
    `WITH ${roomToday(config.money)}
     SELECT total::text, (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(channels) WHERE key = ANY($1)) AS channels
     FROM room`,
    [[...channelIds]],
  );
  const { total = null, channels } = rows[0] ?? {};
  return {
    all: total === null ? null : leftOf(total),
    channels: Object.fromEntries(Object.entries(channels ?? {}).map(([id, room]) => [id, leftOf(room)])),
  };
}

function leftOf(room: string): number {
  return Math.max(0, dollars(room));
}
