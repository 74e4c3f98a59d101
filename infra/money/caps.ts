import { toNumeric } from '../../domain/money.ts';
import type { Config } from '../settings/config.ts';
import { SPENT } from './ledger.ts';
import { startOfToday } from './report-days.ts';

/**
 * Common table expressions that a statement with {@link BEYOND_DAILY_LIMIT} or {@link BEYOND_CHANNEL_LIMIT}
 * begins with. `room` is one row: the dollars that may still go into production today, of all videos
 * (`total`, null without a limit) and by channel (`channels`, an object of those that have one). Counted
 * are the videos that ended today with what they cost, those in production with their estimate, or
 * with what they have spent and held when that is more, and those that wait again with what they cost today. A range with two ends and an OFFSET keep Postgres from reading
 * every video there ever was.
 */
export function roomToday({ dailyLimit, timeZone }: Config['money']): string {
  const total =
    dailyLimit === null
      ? 'NULL::numeric'
      : `${toNumeric(dailyLimit)} - (SELECT coalesce(sum(cost), 0) FROM counted)`;
  return `again AS MATERIALIZED (
    SELECT id AS again_id, channel_id, ${costToday(timeZone)} AS again_cost
    FROM video_queue WHERE status = 'queued' AND admission_no > 0
  ), counted AS MATERIALIZED (
    SELECT channel_id,
      CASE WHEN status = 'processing' THEN greatest(spent + held, estimated_cost) ELSE spent + held END AS cost
    FROM video_queue, LATERAL (SELECT spent, held FROM video_budget WHERE video_id = id OFFSET 0) AS budget
    WHERE status = 'processing' OR completed_at >= ${startOfToday(timeZone)} AND completed_at < 'infinity'
    UNION ALL
    SELECT channel_id, again_cost FROM again
  ), room AS MATERIALIZED (
    SELECT ${total} AS total, (
      SELECT jsonb_object_agg(c.channel_id, c.daily_limit - (
        SELECT coalesce(sum(cost), 0) FROM counted WHERE counted.channel_id = c.channel_id))
      FROM channels c WHERE c.daily_limit IS NOT NULL) AS channels
  )`;
}

/**
 * What a row of `video_queue` will count once it is in production, beyond what it counts already: one that was
 * released may have spent more than its estimate.
 */
const COST = `greatest(estimated_cost, (SELECT spent + held FROM video_budget WHERE video_id = id))
  - coalesce((SELECT again_cost FROM again WHERE again_id = id), 0)`;

/**
 * Conditions on a row of `video_queue`: it would cross the limit of all videos, or of its channel. Null where there
 * is no limit, without a look at what the row has spent.
 */
export const BEYOND_DAILY_LIMIT = `CASE WHEN (SELECT total FROM room) IS NOT NULL
  THEN (SELECT total FROM room) < ${COST} END`;
export const BEYOND_CHANNEL_LIMIT = `CASE WHEN (SELECT channels FROM room) ? channel_id
  THEN ((SELECT channels FROM room) ->> channel_id)::numeric < ${COST} END`;

/**
 * What a row of `video_queue` has cost today. Lines of the ledger have an `id` too, which must not be taken for that of
 * the row.
 */
function costToday(timeZone: string): string {
  return `(SELECT coalesce(sum(amount), 0)
    FROM (SELECT video_id, amount, state, timestamp FROM pipeline_costs) AS line
    WHERE line.video_id = id AND (${SPENT} OR state = 'held') AND timestamp >= ${startOfToday(timeZone)})`;
}
