import { dollars } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { SPENT } from '../money/ledger.ts';
import { midnight } from '../money/report-days.ts';
import { FINAL } from '../stores/final-statuses.ts';
import { SPENT_ON_VIDEO } from './window.ts';

export interface DayMetrics {
  /** YYYY-MM-DD, in REPORT_TZ. */
  date: string;
  /** Ended on this day: completed, failed or cancelled. */
  videos: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Dollars charged on this day. */
  cost: number;
  /** Dollars per video that ended on this day, all of its cost; null without one. */
  average_cost: number | null;
}

const daysSql = (timeZone: string) => `
  SELECT to_char(day, 'YYYY-MM-DD') AS date, ended.*, charged.cost
  FROM (SELECT date_trunc('day', coalesce($2::timestamptz, clock_timestamp()) AT TIME ZONE '${timeZone}') AS today) AS now,
    generate_series(today - ($1 - 1) * interval '1 day', today, interval '1 day') AS day,
    LATERAL (SELECT ${midnight('day', timeZone)} AS begins, ${midnight(`day + interval '1 day'`, timeZone)} AS ends) AS d,
    LATERAL (SELECT count(*) AS videos, count(*) FILTER (WHERE status = 'completed') AS completed,
        count(*) FILTER (WHERE status = 'failed') AS failed,
        count(*) FILTER (WHERE status = 'cancelled') AS cancelled, avg(${SPENT_ON_VIDEO})::numeric(12,6) AS average_cost
      FROM video_queue
      WHERE status IN ${FINAL} AND completed_at >= begins AND completed_at < ends) AS ended,
    LATERAL (SELECT coalesce(sum(amount), 0)::numeric(12,6) AS cost FROM pipeline_costs
      WHERE ${SPENT} AND timestamp >= begins AND timestamp < ends) AS charged
  ORDER BY day DESC`;

/** The last so many days, today first; a day without work is there with zeros. `now` is a test's clock. */
export async function readDays(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  days: number,
  now: Date | null = null,
): Promise<DayMetrics[]> {
  const { rows } = await pool.query<
    Omit<DayMetrics, 'cost' | 'average_cost'> & { cost: string; average_cost: string | null }
  >(daysSql(config.money.timeZone), [days, now]);
  return rows.map((row) => ({
    ...row,
    cost: dollars(row.cost),
    average_cost: row.average_cost === null ? null : dollars(row.average_cost),
  }));
}
