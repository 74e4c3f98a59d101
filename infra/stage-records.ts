import type { SpendState } from '../domain/budget.ts';
import type { StageInput } from '../domain/contract.ts';
import { ERROR_KINDS, type ErrorEntry } from '../domain/errors.ts';
import { overallProgress } from '../domain/progress.ts';
import type { Charge, Providers, StageResults, Warning } from '../domain/results.ts';
import type { StageName } from '../domain/stages.ts';
import type { Order } from '../domain/video.ts';
import type { Deps } from './deps.ts';
import { announceCharges, insertCharges, spendOf } from './ledger.ts';
import { type Db, inTransaction } from './stores/postgres.ts';

/** Temporal's name of one attempt of one activity. */
export interface RunId {
  run_id: string;
  activity_id: string;
  attempt: number;
}

export interface BegunRun {
  /** Row of `stage_runs`. */
  id: number;
  /** Attempts of this admission that ended in an error that counts as a try. */
  failures: number;
  /** Attempts of this generation whose worker died. */
  losses: number;
  /** True when a newer attempt, admission or generation has taken over, or the video has ended: do no work. */
  superseded: boolean;
}

/** What a finished stage stores. `inputHash` names what the result was made from. */
export interface StageRecord<T extends StageName> {
  result: StageResults[T];
  providers: Providers;
  charges: readonly Charge[];
  inputHash: string;
  warnings: readonly Warning[];
}

/** All that a stage reads before it works. Throws for an unknown video. */
export async function loadStage(
  deps: Deps,
  input: StageInput,
): Promise<{ order: Order; results: Partial<StageResults>; spend: SpendState }> {
  const { rows } = await deps.pool.query<{ order: Order; results: Partial<StageResults> | null }>(
    `SELECT request_data AS order,
       (SELECT jsonb_object_agg(stage, result) FROM stage_results WHERE video_id = id) AS results
     FROM video_queue WHERE id = $1`,
    [input.video_id],
  );
  const row = rows[0];
  if (!row) throw new Error(`video ${input.video_id} does not exist`);
  const { total, seq } = await spendOf(deps.pool, input.video_id);
  return { order: row.order, results: row.results ?? {}, spend: { total, seq } };
}

/**
 * Opens the row of an attempt. Earlier rows of the stage that have no end belonged to workers that died;
 * they are closed as `worker_lost`, which is no retry. Beginning the same attempt again changes nothing.
 */
export function beginRun(
  deps: Deps,
  input: StageInput,
  stage: StageName,
  run: RunId,
  worker: string,
): Promise<BegunRun> {
  return inTransaction(deps.pool, async (tx) => {
    const current = await lockVideo(tx, input);
    const superseded = !current?.producing || (await hasNewerRun(tx, input, stage, run));
    if (!superseded) await closeLostRuns(tx, input, stage, run);
    const id = await openRun(tx, input, stage, run, worker, superseded);
    if (!superseded)
      await tx.query('UPDATE video_queue SET stage = $2 WHERE id = $1', [input.video_id, stage]);
    return { id, superseded, ...(await countRuns(tx, input, stage)) };
  });
}

/**
 * Stores the result, the charges and the end of the attempt in one transaction. An attempt that was taken
 * for lost meanwhile, or whose video has a newer admission, is billed and stores nothing else.
 */
export async function finishRun<T extends StageName>(
  deps: Deps,
  begun: Pick<BegunRun, 'id'>,
  input: StageInput,
  stage: T,
  record: StageRecord<T>,
): Promise<SpendState> {
  const recorded = await inTransaction(deps.pool, async (tx) => {
    const current = await lockVideo(tx, input);
    const attempt = await endRun(tx, begun.id, 'completed');
    if (current?.sameAdmission && attempt !== null) {
      await storeResult(tx, input, stage, record, begun.id);
      await moveProgress(tx, input.video_id, stage, record.warnings);
    }
    return insertCharges(tx, input.video_id, record.charges, { stage, attempt });
  });
  await announceCharges(deps, input.video_id, recorded);
  return recorded.state;
}

/** Ends an attempt that found its stage's result already stored. */
export function reuseRun(
  deps: Deps,
  begun: Pick<BegunRun, 'id'>,
  input: StageInput,
  stage: StageName,
): Promise<SpendState> {
  return inTransaction(deps.pool, async (tx) => {
    const current = await lockVideo(tx, input);
    await endRun(tx, begun.id, 'reused');
    if (current?.sameAdmission) await moveProgress(tx, input.video_id, stage, []);
    const { total, seq } = await spendOf(tx, input.video_id);
    return { total, seq };
  });
}

/** Ends an attempt without a result. A failure goes to the video's error log; a cancellation is no error. */
export function failRun(
  deps: Deps,
  begun: Pick<BegunRun, 'id'>,
  input: StageInput,
  entry: ErrorEntry,
  outcome: 'failed' | 'cancelled',
): Promise<void> {
  return inTransaction(deps.pool, async (tx) => {
    const attempt = await endRun(tx, begun.id, outcome, entry);
    if (outcome === 'cancelled' || attempt === null) return;
    await tx.query(
      'UPDATE video_queue SET error_log = error_log || $3::jsonb WHERE id = $1 AND generation = $2',
      [input.video_id, input.generation, JSON.stringify([entry])],
    );
  });
}

async function lockVideo(
  tx: Db,
  input: StageInput,
): Promise<{ sameAdmission: boolean; producing: boolean } | undefined> {
  const { rows } = await tx.query<{ status: string; generation: number; admission_no: number }>(
    'SELECT status, generation, admission_no FROM video_queue WHERE id = $1 FOR NO KEY UPDATE',
    [input.video_id],
  );
  const row = rows[0];
  if (!row) return undefined;
  const sameAdmission = row.generation === input.generation && row.admission_no === input.admission_no;
  return { sameAdmission, producing: sameAdmission && row.status === 'processing' };
}

/** Attempts restart at 1 in each run of a workflow, so only those of one activity can be compared. */
async function hasNewerRun(tx: Db, input: StageInput, stage: StageName, run: RunId): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM stage_runs
     WHERE video_id = $1 AND stage = $2 AND run_id = $3 AND activity_id = $4 AND attempt > $5 LIMIT 1`,
    [input.video_id, stage, run.run_id, run.activity_id, run.attempt],
  );
  return rowCount === 1;
}

async function closeLostRuns(tx: Db, input: StageInput, stage: StageName, run: RunId): Promise<void> {
  await tx.query(
    `UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = 'worker_lost', kind = 'worker_lost'
     WHERE video_id = $1 AND stage = $2 AND generation = $3 AND ended_at IS NULL
       AND (run_id, activity_id, attempt) IS DISTINCT FROM ($4, $5, $6::integer)`,
    [input.video_id, stage, input.generation, run.run_id, run.activity_id, run.attempt],
  );
}

async function openRun(
  tx: Db,
  input: StageInput,
  stage: StageName,
  run: RunId,
  worker: string,
  superseded: boolean,
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, lane, run_id, activity_id, attempt,
       worker, started_at, ended_at, outcome, message)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp(),
       CASE WHEN $10 THEN clock_timestamp() END, CASE WHEN $10 THEN 'cancelled' END, CASE WHEN $10 THEN 'superseded' END)
     ON CONFLICT (run_id, activity_id, attempt) DO UPDATE SET worker = excluded.worker RETURNING id`,
    [
      input.video_id,
      stage,
      input.generation,
      input.admission_no,
      input.lane,
      run.run_id,
      run.activity_id,
      run.attempt,
      worker,
      superseded,
    ],
  );
  return rows[0]?.id as number;
}

/** Failures of these kinds are our own servers' and use up no try. */
const FREE_KINDS = Object.entries(ERROR_KINDS).flatMap(([kind, { retry }]) =>
  retry === 'free' ? [kind] : [],
);

async function countRuns(
  tx: Db,
  input: StageInput,
  stage: StageName,
): Promise<{ failures: number; losses: number }> {
  const { rows } = await tx.query<{ failures: number; losses: number }>(
    `SELECT count(*) FILTER (WHERE outcome = 'failed' AND admission_no = $4 AND kind <> ALL ($5)) AS failures,
       count(*) FILTER (WHERE outcome = 'worker_lost') AS losses
     FROM stage_runs WHERE video_id = $1 AND stage = $2 AND generation = $3`,
    [input.video_id, stage, input.generation, input.admission_no, FREE_KINDS],
  );
  return rows[0] ?? { failures: 0, losses: 0 };
}

/** The attempt's number, or null when the row had its end already. */
async function endRun(tx: Db, id: number, outcome: string, entry?: ErrorEntry): Promise<number | null> {
  const { rows } = await tx.query<{ attempt: number }>(
    `UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = $2, kind = $3, message = $4
     WHERE id = $1 AND ended_at IS NULL RETURNING attempt`,
    [id, outcome, entry?.kind ?? null, entry?.message ?? null],
  );
  return rows[0]?.attempt ?? null;
}

async function storeResult<T extends StageName>(
  tx: Db,
  input: StageInput,
  stage: T,
  record: StageRecord<T>,
  runRow: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, providers, made_by)
     SELECT video_id, $2, $3, $4::jsonb, $5::jsonb, run_id || '/' || activity_id || '/' || attempt
     FROM stage_runs WHERE id = $6 AND video_id = $1
     ON CONFLICT (video_id, stage) DO UPDATE SET input_hash = excluded.input_hash, result = excluded.result,
       providers = excluded.providers, made_by = excluded.made_by, made_at = now()`,
    [
      input.video_id,
      stage,
      record.inputHash,
      JSON.stringify(record.result),
      JSON.stringify(record.providers),
      runRow,
    ],
  );
}

async function moveProgress(
  tx: Db,
  videoId: string,
  stage: StageName,
  warnings: readonly Warning[],
): Promise<void> {
  const { rows } = await tx.query<{ stage: StageName }>(
    'SELECT stage FROM stage_results WHERE video_id = $1',
    [videoId],
  );
  await tx.query(
    `UPDATE video_queue SET stage = $2, progress = greatest(progress, $3), warnings = warnings || $4::jsonb
     WHERE id = $1 AND status = 'processing'`,
    [videoId, stage, overallProgress(rows.map((row) => row.stage)), JSON.stringify(warnings)],
  );
}
