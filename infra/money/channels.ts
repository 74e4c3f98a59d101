import { dollars, type Micros, parseDollars, toDollars, toNumeric } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { audit } from '../moves/audit.ts';
import { admit, lockAdmission } from '../queue/admission.ts';
import { inTransaction } from '../stores/postgres.ts';
import { roomToday } from './caps.ts';

/** A channel's limit and what counts against it today; dollars. */
export interface ChannelView {
  channel_id: string;
  /** Most that its videos may cost in a day; null = no limit of its own. */
  daily_limit: number | null;
  /** Spent by videos that ended today, and by those in production, at least their estimates. */
  counted_today: number;
}

/** A channel without a limit or a video is one with nothing in it. */
export async function readChannel(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  channelId: string,
): Promise<ChannelView> {
  const { rows } = await pool.query<{ daily_limit: string | null; counted: string }>(
    `WITH ${roomToday(config.money)}
     SELECT (SELECT daily_limit FROM channels WHERE channel_id = $1) AS daily_limit,
       (SELECT coalesce(sum(cost), 0) FROM counted WHERE channel_id = $1)::text AS counted`,
    [channelId],
  );
  const row = rows[0];
  return {
    channel_id: channelId,
    daily_limit: row?.daily_limit == null ? null : dollars(row.daily_limit),
    counted_today: dollars(row?.counted ?? '0'),
  };
}

/** Sets or lifts the limit, under the admission lock; then what has room is admitted. The same again is harmless. */
export async function setChannelLimit(
  deps: Deps,
  channelId: string,
  who: string,
  limit: Micros | null,
): Promise<void> {
  await inTransaction(deps.pool, async (tx) => {
    await lockAdmission(tx, deps.config.schema);
    const before = await tx.query<{ daily_limit: string | null }>(
      'SELECT daily_limit FROM channels WHERE channel_id = $1',
      [channelId],
    );
    const text = before.rows[0]?.daily_limit ?? null;
    const old = text === null ? null : parseDollars(text);
    if (old === limit) return;
    await tx.query(
      `INSERT INTO channels (channel_id, daily_limit) VALUES ($1, $2)
       ON CONFLICT (channel_id) DO UPDATE SET daily_limit = excluded.daily_limit`,
      [channelId, limit === null ? null : toNumeric(limit)],
    );
    const change = {
      before: old === null ? null : toDollars(old),
      after: limit === null ? null : toDollars(limit),
    };
    await audit(tx, who, 'channel_limit', null, { channel_id: channelId, ...change });
  });
  await admit(deps);
}
