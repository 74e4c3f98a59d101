import { dollars } from '../../domain/money.ts';
import type { Complexity } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { SPENT } from '../money/ledger.ts';
import { FINAL } from '../stores/final-statuses.ts';

/** How far back each window reaches. */
export const WINDOW_MS = { '1hour': 3_600_000, '1day': 86_400_000, '1week': 604_800_000 } as const;
export type Window = keyof typeof WINDOW_MS;
export const WINDOWS = Object.keys(WINDOW_MS) as [Window, ...Window[]];

/** Figures of the videos that ended in a window; null where there is none to count. */
export interface Figures {
  /** Ended: completed, failed or cancelled. */
  videos_processed: number;
  completed_videos: number;
  failed_videos: number;
  cancelled_videos: number;
  /** Percent of those that were to be finished: an operator's cancel does not count, one at the cost limit does. */
  success_rate: number | null;
  /** Seconds from admission to the end, of completed ones. */
  avg_processing_time: number | null;
  /** Dollars per video that ended, all of its cost. */
  avg_cost: number | null;
  /** Dollars charged in the window, whatever became of the video. */
  total_cost: number;
}

/** What was paid to one provider in a window. */
export interface ProviderFigures {
  provider: string;
  videos: number;
  charges: number;
  total_cost: number;
  /** Dollars per video that it was called for. */
  avg_cost: number;
  /** Seconds that a video spent in a stage that called it; null while no such stage has ended. */
  avg_stage_time: number | null;
}

export interface WindowMetrics extends Figures {
  time_window: Window;
  /** ISO 8601; what ended after the one and not after the other is counted. */
  from: string;
  to: string;
  by_complexity: (Figures & { complexity: Complexity })[];
  by_channel: (Figures & { channel_id: string })[];
  by_provider: ProviderFigures[];
}

/** An end that is nobody's wish. */
export const UNWANTED_END = `(status = 'failed' OR status = 'cancelled' AND reason = 'cost_limit')`;

/** SQL of what a row of `video_queue` has cost: a look into the index, where a join would read every budget there is. */
export const SPENT_ON_VIDEO = '(SELECT spent FROM video_budget WHERE video_id = id)';

/** $1 is the end of the window (null = now), $2 its length in milliseconds. Each part is read once and grouped thrice. */
const WINDOW_SQL = `
  WITH span AS MATERIALIZED (
    SELECT upper - $2 * interval '1 ms' AS lower, upper
    FROM (SELECT coalesce($1::timestamptz, clock_timestamp()) AS upper) AS given
  ), ended AS MATERIALIZED (
    SELECT complexity, channel_id, status, ${UNWANTED_END} AS unwanted, processing_time_seconds AS seconds, ${SPENT_ON_VIDEO} AS spent
    FROM video_queue
    WHERE status IN ${FINAL} AND completed_at > (SELECT lower FROM span) AND completed_at <= (SELECT upper FROM span)
  ), charged AS (
    SELECT video_id, stage, provider, sum(amount) AS amount, count(*)::int AS charges FROM pipeline_costs
    WHERE ${SPENT} AND timestamp > (SELECT lower FROM span) AND timestamp <= (SELECT upper FROM span)
    GROUP BY video_id, stage, provider
  ), worked AS (
    SELECT video_id, stage, sum(extract(epoch FROM ended_at - started_at)::float8) AS seconds FROM stage_runs
    WHERE ended_at > (SELECT lower FROM span) AND ended_at <= (SELECT upper FROM span) GROUP BY video_id, stage
  ), paid AS MATERIALIZED (
    SELECT video_id, provider, sum(amount) AS amount, sum(charges)::int AS charges, sum(seconds) AS seconds,
      count(seconds) AS stages
    FROM charged LEFT JOIN worked USING (video_id, stage) GROUP BY video_id, provider
  ), counts AS (
    SELECT CASE grouping(complexity, channel_id) WHEN 3 THEN 'all' WHEN 1 THEN 'complexity' ELSE 'channel' END AS part,
      coalesce(complexity, channel_id, '') AS name, count(*) AS processed,
      count(*) FILTER (WHERE status = 'completed') AS completed, count(*) FILTER (WHERE status = 'failed') AS failed,
      count(*) FILTER (WHERE status = 'cancelled') AS cancelled, count(*) FILTER (WHERE unwanted) AS unwanted,
      avg(seconds) FILTER (WHERE status = 'completed') AS seconds, avg(spent)::numeric(12,6) AS average
    FROM ended GROUP BY GROUPING SETS ((), (complexity), (channel_id))
  ), money AS (
    SELECT CASE grouping(complexity, channel_id) WHEN 3 THEN 'all' WHEN 1 THEN 'complexity' ELSE 'channel' END AS part,
      coalesce(complexity, channel_id, '') AS name, sum(amount) AS total
    FROM (SELECT video_id, sum(amount) AS amount FROM paid GROUP BY video_id) AS per_video
      JOIN video_queue ON id = video_id
    GROUP BY GROUPING SETS ((), (complexity), (channel_id))
  ), providers AS (
    SELECT provider, count(*) AS videos, sum(charges)::int AS charges, sum(amount)::text AS total,
      avg(amount)::numeric(12,6)::text AS average, sum(seconds) / nullif(sum(stages), 0) AS seconds
    FROM paid GROUP BY provider)
  SELECT lower, upper,
    (SELECT jsonb_agg(to_jsonb(f) ORDER BY part, name) FROM (
      SELECT part, name, processed, completed, failed, cancelled, unwanted, seconds, average::text,
        coalesce(total, 0)::text AS total
      FROM counts FULL JOIN money USING (part, name)) AS f) AS figures,
    (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY provider), '[]') FROM providers AS p) AS providers
  FROM span`;

/** The window that ends now; `now` is a test's clock. All of one moment, so that the parts add up to the whole. */
export async function readWindow(
  { pool }: Pick<Deps, 'pool'>,
  window: Window,
  now: Date | null = null,
): Promise<WindowMetrics> {
  const { rows } = await pool.query<WindowRow>(WINDOW_SQL, [now, WINDOW_MS[window]]);
  const row = rows[0];
  if (!row) throw new Error('the report of a window has no row');
  const partsOf = (part: FigureRow['part']) => row.figures.filter((figures) => figures.part === part);
  const [all] = partsOf('all');
  if (!all) throw new Error('the report of a window has no total');
  return {
    time_window: window,
    from: row.lower.toISOString(),
    to: row.upper.toISOString(),
    ...figuresOf(all),
    by_complexity: partsOf('complexity').map((each) => ({
      complexity: each.name as Complexity,
      ...figuresOf(each),
    })),
    by_channel: partsOf('channel').map((each) => ({ channel_id: each.name, ...figuresOf(each) })),
    by_provider: row.providers.map(({ provider, videos, charges, total, average, seconds }) => ({
      provider,
      videos,
      charges,
      total_cost: dollars(total),
      avg_cost: dollars(average),
      avg_stage_time: seconds === null ? null : rounded(seconds),
    })),
  };
}

function figuresOf(row: FigureRow): Figures {
  const [processed, completed, unwanted] = [row.processed ?? 0, row.completed ?? 0, row.unwanted ?? 0];
  const wanted = completed + unwanted;
  return {
    videos_processed: processed,
    completed_videos: completed,
    failed_videos: row.failed ?? 0,
    cancelled_videos: row.cancelled ?? 0,
    success_rate: wanted === 0 ? null : rounded((completed / wanted) * 100),
    avg_processing_time: row.seconds === null ? null : rounded(row.seconds),
    avg_cost: row.average === null ? null : dollars(row.average),
    total_cost: dollars(row.total),
  };
}

/** To a thousandth. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

interface WindowRow {
  lower: Date;
  upper: Date;
  figures: FigureRow[];
  providers: {
    provider: string;
    videos: number;
    charges: number;
    total: string;
    average: string;
    seconds: number | null;
  }[];
}

/** Counts are null where a part was charged and nothing of it has ended. */
type FigureRow = { part: 'all' | 'complexity' | 'channel'; name: string; total: string } & Record<
  'processed' | 'completed' | 'failed' | 'cancelled' | 'unwanted' | 'seconds',
  number | null
> & { average: string | null };
