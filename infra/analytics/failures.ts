import type { Deps } from '../deps.ts';
import { UNWANTED_END } from './window.ts';

/** What went wrong in a stretch of time, by kind and stage. */
export interface FailureCount {
  kind: string;
  /** Null for a video that failed outside of its stages. */
  stage: string | null;
  /** Videos that ended for it. */
  videos: number;
  /** Attempts that failed with it, those that a later one made good included. */
  attempts: number;
}

/** Failures between the two times, the most harmful first; ISO 8601, the first one exclusive. */
export async function readFailures(
  { pool }: Pick<Deps, 'pool'>,
  { from, to }: { from: string; to: string },
): Promise<FailureCount[]> {
  const { rows } = await pool.query<FailureCount>(
    `SELECT kind, nullif(stage, '') AS stage, sum(videos)::int AS videos, sum(attempts)::int AS attempts FROM (
       SELECT coalesce(reason, 'bug') AS kind, coalesce(stage, '') AS stage, 1 AS videos, 0 AS attempts FROM video_queue
       WHERE ${UNWANTED_END} AND completed_at > $1 AND completed_at <= $2
       UNION ALL
       SELECT coalesce(kind, 'bug'), stage, 0, 1 FROM stage_runs
       WHERE outcome IN ('failed', 'worker_lost') AND ended_at > $1 AND ended_at <= $2) AS failure
     GROUP BY kind, stage ORDER BY videos DESC, attempts DESC, kind, stage`,
    [from, to],
  );
  return rows;
}
