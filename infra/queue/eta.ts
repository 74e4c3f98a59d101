import type pg from 'pg';
import {
  type Ahead,
  leftMs,
  type QueueLoad,
  STAGE_LIMIT_TIMES,
  type StageTimes,
  waitMs,
} from '../../domain/eta.ts';
import type { Lane } from '../../domain/lanes.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import type { Complexity } from '../../domain/video.ts';
import type { Db } from '../stores/postgres.ts';
import { PLACES } from './places.ts';

/** Stage times by complexity; a complexity of which nothing was measured yet has the limits of the stage table. */
export interface StageHistory {
  times: Record<Complexity, StageTimes>;
  measured: ReadonlySet<Complexity>;
}

const RUNS_COUNTED = 50;
const RUNS_NEEDED = 5;
/** Newest runs of a stage that are looked through, so that a complexity that is rare costs no scan of all. */
const RUNS_SEEN = 1_000;
const FRESH_FOR_MS = 10_000;

const MEDIANS = `
  SELECT stage, complexity, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM (
    SELECT r.stage, q.complexity, (extract(epoch FROM r.ended_at - r.started_at) * 1000)::float8 AS ms,
      row_number() OVER (PARTITION BY r.stage, q.complexity ORDER BY r.id DESC) AS nth
    FROM unnest($1::text[]) AS s(stage) CROSS JOIN LATERAL (
      SELECT * FROM stage_runs WHERE outcome = 'completed' AND stage = s.stage ORDER BY id DESC LIMIT ${RUNS_SEEN}
    ) AS r JOIN video_queue q ON q.id = r.video_id) AS newest
  WHERE nth <= ${RUNS_COUNTED} GROUP BY stage, complexity HAVING count(*) >= ${RUNS_NEEDED}`;

/** Medians of the last 50 completed runs per stage and complexity; of fewer than five, the stage's limit. */
export async function readStageHistory(db: Db): Promise<StageHistory> {
  const { rows } = await db.query<{ stage: StageName; complexity: Complexity; ms: number }>(MEDIANS, [
    STAGE_NAMES,
  ]);
  const limits = () => ({ ...STAGE_LIMIT_TIMES });
  const times = { simple: limits(), complex: limits(), premium: limits() };
  for (const { stage, complexity, ms } of rows) times[complexity][stage] = ms;
  return { times, measured: new Set(rows.map((row) => row.complexity)) };
}

const kept = new WeakMap<pg.Pool, { readAtMs: number; history: Promise<StageHistory> }>();

/** As {@link readStageHistory}, at most ten seconds old: every order and every look at a video asks for it. */
export function recentStageHistory(pool: pg.Pool): Promise<StageHistory> {
  const last = kept.get(pool);
  if (last && performance.now() - last.readAtMs < FRESH_FOR_MS) return last.history;
  const history = readStageHistory(pool);
  kept.set(pool, { readAtMs: performance.now(), history });
  history.catch(() => kept.delete(pool));
  return history;
}

interface InProduction {
  id: string;
  lane: Lane;
  complexity: Complexity;
  done: StageName[];
  running: Partial<Record<StageName, number>>;
}

const IN_PRODUCTION = `
  SELECT q.id, q.lane, q.complexity,
    (SELECT coalesce(jsonb_agg(stage), '[]') FROM stage_results WHERE video_id = q.id) AS done,
    (SELECT coalesce(jsonb_object_agg(stage, ms), '{}') FROM (
      SELECT stage, max(extract(epoch FROM clock_timestamp() - started_at)) * 1000 AS ms FROM stage_runs
      WHERE video_id = q.id AND ended_at IS NULL AND generation = q.generation
        AND admission_no = q.admission_no GROUP BY stage) AS r) AS running
  FROM video_queue q WHERE status = 'processing'`;

/** What the lanes offer now, and what the videos in production still need. */
export async function readQueueLoad(db: Db, { times }: StageHistory): Promise<QueueLoad> {
  const offered = await db.query<{ lane: Lane; places: number }>(
    `SELECT lane, sum(${PLACES}) AS places FROM lane_workers WHERE lease_until > clock_timestamp() GROUP BY lane`,
  );
  const { rows } = await db.query<InProduction>(IN_PRODUCTION);
  const loadOf = (lane: Lane) => ({
    places: offered.rows.find((row) => row.lane === lane)?.places ?? 0,
    leftMs: rows.filter((row) => row.lane === lane).map((row) => leftMs(times[row.complexity], row)),
  });
  return { lanes: { gpu: loadOf('gpu'), cpu: loadOf('cpu') }, times };
}

/** Milliseconds that a video in production still needs; null when it is not (any more). */
export async function readLeftMs(db: Db, { times }: StageHistory, videoId: string): Promise<number | null> {
  const { rows } = await db.query<InProduction>(`${IN_PRODUCTION} AND q.id = $1`, [videoId]);
  const row = rows[0];
  return row ? leftMs(times[row.complexity], row) : null;
}

/** Milliseconds that each video in production still needs, by its id. */
export async function readLeftOfAll(db: Db, { times }: StageHistory): Promise<Map<string, number>> {
  const { rows } = await db.query<InProduction>(IN_PRODUCTION);
  return new Map(rows.map((row) => [row.id, leftMs(times[row.complexity], row)]));
}

/** Milliseconds until a waiting video is finished; null while no living worker offers it a place. */
export function untilFinishedMs(complexity: Complexity, ahead: Ahead, load: QueueLoad): number | null {
  const wait = waitMs(complexity, ahead, load);
  return wait === null ? null : wait + leftMs(load.times[complexity]);
}

/** The moment that is so many milliseconds from now, as ISO 8601 in whole seconds, never before now. */
export function timeIn(ms: number): string {
  return new Date(Math.ceil((Date.now() + ms) / 1000) * 1000).toISOString();
}
