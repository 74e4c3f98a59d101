import type { Lane } from '../../domain/lanes.ts';
import { dollars } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { SPENT } from '../money/ledger.ts';
import { startOfToday } from '../money/report-days.ts';
import { PLACES } from '../queue/places.ts';

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

const metricsSql = (timeZone: string) => `
  SELECT s.paused, s.paused AND s.halted AS halted, v.*, (SELECT coalesce(sum(amount), 0)::numeric(12,6) FROM pipeline_costs
      WHERE ${SPENT} AND timestamp >= ${startOfToday(timeZone)} AND timestamp < 'infinity') AS cost_today,
    (SELECT jsonb_object_agg(lane, jsonb_build_object(
      'places', (SELECT coalesce(sum(${PLACES}), 0) FROM lane_workers w
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
