import type pg from 'pg';

/** The most stages of a lane that ran at once on a machine, for each, as `<machine> <lane>`. */
export async function slotPeaks(pool: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; peak: number }>(
    `WITH runs AS (
       SELECT id, split_part(worker, '/', 1) || ' ' || lane AS name, started_at,
         coalesce(ended_at, 'infinity') AS ended_at
       FROM stage_runs WHERE stage IN ('audio_synthesis', 'video_rendering', 'quality_validation'))
     SELECT name, max(n)::int AS peak FROM (
       SELECT a.name, count(*) AS n FROM runs a JOIN runs b ON a.name = b.name
         AND b.started_at <= a.started_at AND b.ended_at > a.started_at GROUP BY a.id, a.name) AS beside
     GROUP BY name`,
  );
  return Object.fromEntries(rows.map(({ name, peak }) => [name, peak]));
}

/** The most videos of a lane that were in production at once. */
export async function placePeaks(pool: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ lane: string; peak: number }>(
    `SELECT lane, max(n)::int AS peak FROM (
       SELECT a.lane, count(*) AS n FROM video_queue a JOIN video_queue b ON a.lane = b.lane
         AND b.processing_started_at <= a.processing_started_at AND b.completed_at > a.processing_started_at
       GROUP BY a.id) AS beside GROUP BY lane`,
  );
  return Object.fromEntries(rows.map(({ lane, peak }) => [lane, peak]));
}

export interface Run {
  video_id: string;
  stage: string;
  machine: string;
  outcome: string;
}

/** The machine of the attempt that completed the stage of a run. */
export async function makerOf(pool: pg.Pool, { video_id, stage }: Run): Promise<string | undefined> {
  const { rows } = await pool.query<{ machine: string }>(
    `SELECT split_part(worker, '/', 1) AS machine FROM stage_runs
     WHERE video_id = $1 AND stage = $2 AND outcome = 'completed'`,
    [video_id, stage],
  );
  return rows[0]?.machine;
}

/** Every attempt that was not the one that completed its stage. */
export async function lostRuns(pool: pg.Pool): Promise<Run[]> {
  const { rows } = await pool.query<Run>(
    `SELECT video_id, stage, split_part(worker, '/', 1) AS machine, outcome FROM stage_runs
     WHERE outcome IS DISTINCT FROM 'completed'`,
  );
  return rows;
}

/** Stages that were completed otherwise than once. */
export async function doneTwice(pool: pg.Pool): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT video_id, stage FROM stage_runs WHERE outcome = 'completed'
     GROUP BY video_id, stage HAVING count(*) <> 1`,
  );
  return rows;
}
