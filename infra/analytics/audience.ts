import type { Audience } from '../../domain/revenue.ts';
import type { Deps } from '../deps.ts';
import { midnight } from '../money/report-days.ts';

/** The audience of the videos that were completed on a day. */
export interface DayAudience extends Audience {
  /** YYYY-MM-DD, in REPORT_TZ. */
  date: string;
}

/** Days without a completed video are left out; so that whole months can be made of them they begin with the last one. */
const audienceSql = (timeZone: string) => `
  WITH first AS MATERIALIZED (
    SELECT ${midnight(`least(today - ($1::int - 1), (date_trunc('month', today) - interval '1 month')::date)`, timeZone)} AS begins
    FROM (SELECT (coalesce($2::timestamptz, clock_timestamp()) AT TIME ZONE '${timeZone}')::date AS today) AS now)
  SELECT to_char((completed_at AT TIME ZONE '${timeZone}')::date, 'YYYY-MM-DD') AS date, count(*) AS videos,
    count(views) AS measured_videos, coalesce(sum(views), 0)::bigint AS measured_views
  FROM video_queue q LEFT JOIN publications p ON p.video_id = q.id
  WHERE status = 'completed' AND completed_at >= (SELECT begins FROM first)
    AND completed_at <= coalesce($2::timestamptz, clock_timestamp())
  GROUP BY 1`;

/** Of the last so many days, and of all since the last month began. `now` is a test's clock. */
export async function readAudience(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  days: number,
  now: Date | null = null,
): Promise<DayAudience[]> {
  const { rows } = await pool.query<DayAudience>(audienceSql(config.money.timeZone), [days, now]);
  return rows;
}
