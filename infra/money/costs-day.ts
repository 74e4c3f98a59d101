import { dollars } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { breakdownOf, type ServiceCost, type ServiceRow } from './costs.ts';
import { SPENT } from './ledger.ts';
import { midnight } from './report-days.ts';

/** The money of one day of REPORT_TZ; dollars. */
export interface DayCosts {
  date: string;
  /** Videos that ended on this day. */
  videos_processed: number;
  /** Charged on this day, whatever became of the video. */
  total_cost: number;
  /** Of the videos that ended on this day, all of their cost; null without one. */
  average_cost: number | null;
  max_cost: number | null;
  services: Record<string, ServiceCost>;
  channels: Record<string, { total: number; videos_processed: number }>;
}

/** One day's money; `date` is YYYY-MM-DD, today when it is null. */
export async function readDayCosts(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  date: string | null,
): Promise<DayCosts> {
  const { rows } = await pool.query<DayRow>(dayCostsSql(config.money.timeZone), [date]);
  const row = rows[0];
  if (!row) throw new Error('the report of a day has no row');
  return {
    date: row.date,
    videos_processed: row.videos_processed,
    total_cost: dollars(row.total),
    average_cost: row.average === null ? null : dollars(row.average),
    max_cost: row.max === null ? null : dollars(row.max),
    services: breakdownOf(row.services),
    channels: Object.fromEntries(
      row.channels.map(({ channel_id, total, videos_processed }) => [
        channel_id,
        { total: dollars(total), videos_processed },
      ]),
    ),
  };
}

const dayCostsSql = (timeZone: string) => `
  WITH day AS MATERIALIZED (
    SELECT d AS date, ${midnight('d', timeZone)} AS begins, ${midnight('d + 1', timeZone)} AS ends
    FROM (SELECT coalesce($1::date, (clock_timestamp() AT TIME ZONE '${timeZone}')::date) AS d) AS given
  ), charged AS MATERIALIZED (
    SELECT service, amount, channel_id FROM pipeline_costs JOIN video_queue q ON q.id = video_id
    WHERE ${SPENT} AND timestamp >= (SELECT begins FROM day) AND timestamp < (SELECT ends FROM day)
  ), ended AS MATERIALIZED (
    SELECT channel_id, spent FROM video_queue JOIN video_budget ON video_id = id
    WHERE completed_at >= (SELECT begins FROM day) AND completed_at < (SELECT ends FROM day)
  )
  SELECT to_char(date, 'YYYY-MM-DD') AS date, (SELECT count(*) FROM ended) AS videos_processed,
    (SELECT coalesce(sum(amount), 0)::text FROM charged) AS total,
    (SELECT avg(spent)::numeric(12,6) FROM ended) AS average, (SELECT max(spent) FROM ended) AS max,
    (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY service), '[]') FROM (
      SELECT service, count(*) AS count, sum(amount)::text AS total,
        (sum(amount) / count(*))::numeric(12,6)::text AS average FROM charged GROUP BY service) AS s) AS services,
    (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY channel_id), '[]') FROM (
      SELECT channel_id, coalesce(sum(amount), 0)::text AS total, sum(ends)::int AS videos_processed FROM (
        SELECT channel_id, amount, 0 AS ends FROM charged UNION ALL
        SELECT channel_id, NULL, 1 FROM ended) AS both_of GROUP BY channel_id) AS c) AS channels
  FROM day`;

interface DayRow {
  date: string;
  videos_processed: number;
  total: string;
  average: string | null;
  max: string | null;
  services: ServiceRow[];
  channels: { channel_id: string; total: string; videos_processed: number }[];
}
