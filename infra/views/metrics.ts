import type { Lane } from '../../domain/lanes.ts';
import { dollars } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { SPENT } from '../money/ledger.ts';
import { midnight, startOfToday } from '../money/report-days.ts';
import { FINAL } from '../stores/final-statuses.ts';

export interface PipelineMetrics {
  paused: boolean;
  /** Paused by a halt. */
  halted: boolean;
  queue_depth: number;
  processing_count: number;
  total_enqueued: number;
  /** Completed. */
  total_processed: number;
  total_failed: number;
  total_cancelled: number;
  /** Places that living workers offer, and the videos that hold one. */
  lanes: Record<Lane, { places: number; used: number }>;
  /** Dollars charged since midnight of REPORT_TZ. */
  cost_today: number;
}

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

const metricsSql = (timeZone: string) => `
  SELECT s.paused, s.paused AND s.halted AS halted, v.*, (SELECT coalesce(sum(amount), 0)::numeric(12,6) FROM pipeline_costs
      WHERE ${SPENT} AND timestamp >= ${startOfToday(timeZone)}) AS cost_today,
    (SELECT jsonb_object_agg(lane, jsonb_build_object(
      'places', (SELECT coalesce(sum(places), 0) FROM lane_workers w
        WHERE w.lane = l.lane AND lease_until > clock_timestamp()),
      'used', (SELECT count(*) FROM video_queue q WHERE q.lane = l.lane AND status = 'processing')))
      FROM (VALUES ('gpu'), ('cpu')) AS l(lane)) AS lanes
  FROM pipeline_state s, (SELECT count(*) FILTER (WHERE status = 'queued') AS queue_depth,
    count(*) FILTER (WHERE status = 'processing') AS processing_count, count(*) AS total_enqueued,
    count(*) FILTER (WHERE status = 'completed') AS total_processed,
    count(*) FILTER (WHERE status = 'failed') AS total_failed,
    count(*) FILTER (WHERE status = 'cancelled') AS total_cancelled FROM video_queue) AS v`;

/** The pipeline now and in all, from Postgres: losing Redis loses no count. */
export async function readMetrics({ pool, config }: Pick<Deps, 'pool' | 'config'>): Promise<PipelineMetrics> {
  const { rows } = await pool.query<Omit<PipelineMetrics, 'cost_today'> & { cost_today: string }>(
    metricsSql(config.money.timeZone),
  );
  const [row] = rows;
  if (!row) throw new Error('pipeline_state has no row');
  return { ...row, cost_today: dollars(row.cost_today) };
}

const daysSql = (timeZone: string) => `
  SELECT to_char(day, 'YYYY-MM-DD') AS date, count(q.id) AS videos,
    count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    (SELECT coalesce(sum(amount), 0)::numeric(12,6) FROM pipeline_costs WHERE ${SPENT}
      AND timestamp >= ${midnight('day', timeZone)} AND timestamp < ${midnight(`day + interval '1 day'`, timeZone)}) AS cost,
    avg(b.spent)::numeric(12,6) AS average_cost
  FROM generate_series(date_trunc('day', clock_timestamp() AT TIME ZONE '${timeZone}') - ($1 - 1) * interval '1 day',
    date_trunc('day', clock_timestamp() AT TIME ZONE '${timeZone}'), interval '1 day') AS day
  LEFT JOIN (video_queue q JOIN video_budget b ON b.video_id = q.id)
    ON q.status IN ${FINAL}
    AND q.completed_at >= ${midnight('day', timeZone)}
    AND q.completed_at < ${midnight(`day + interval '1 day'`, timeZone)}
  GROUP BY day ORDER BY day DESC`;

/** The last so many days, today first; a day without work is there with zeros. */
export async function readDays(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  days: number,
): Promise<DayMetrics[]> {
  const { rows } = await pool.query<
    Omit<DayMetrics, 'cost' | 'average_cost'> & { cost: string; average_cost: string | null }
  >(daysSql(config.money.timeZone), [days]);
  return rows.map((row) => ({
    ...row,
    cost: dollars(row.cost),
    average_cost: row.average_cost === null ? null : dollars(row.average_cost),
  }));
}
