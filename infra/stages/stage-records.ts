import type { SpendState } from '../../domain/budget.ts';
import type { StageInput } from '../../domain/contract.ts';
import { ERROR_KINDS, type ErrorEntry } from '../../domain/errors.ts';
import { parseDollars } from '../../domain/money.ts';
import { overallProgress } from '../../domain/progress.ts';
import type { Charge, Providers, StageResults, Warning } from '../../domain/results.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import type { Order } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { announceCharges } from '../money/cost-alerts.ts';
import { assumeHolds } from '../money/holds.ts';
import { insertCharges, spendOf } from '../money/ledger.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';

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
  /** The same of all admissions of this generation. */
  failures_in_all: number;
  /** When our own servers began to fail this admission's attempts, with no other end since; null = they do not. */
  troubled_since: Date | null;
  /** Attempts of this generation whose worker died. */
  losses: number;
  /** Attempts of all generations that made a result of the stage. */
  made_before: number;
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

/** Failures of these kinds use up no try: they are our own servers', or no call was made. */
const FREE_KINDS = Object.entries(ERROR_KINDS).flatMap(([kind, { retry }]) =>
  retry === 'free' || retry === 'releases' ? [kind] : [],
);

/** What the error log says of an attempt whose worker died, beside its number, stage and time. */
const LOST = {
  kind: 'worker_lost',
  severity: 'infrastructure',
  message: 'the worker of this attempt died, or was not heard of any more',
  next: 'the stage begins again',
} satisfies Partial<ErrorEntry>;

/** Percent of a video that each finished stage is. */
const SHARES = JSON.stringify(Object.fromEntries(STAGE_NAMES.map((name) => [name, overallProgress([name])])));

/*
 * Each of these follows the lock of the video's row as a statement of its own: its snapshot is from after the wait, so
 * that it sees what the stage beside it has just stored.
 */

// Attempts restart at 1 in each run of a workflow, so only those of one activity can be compared. Open rows of earlier
// generations are closed too, as a stalled attempt must not go on paying; only those of this one count as losses. Those of
// another run are told of by nobody: a reset took their place, and their worker may be well.
const BEGIN_RUN = `
  WITH fate AS (
    SELECT NOT $10::boolean OR EXISTS (
      SELECT FROM stage_runs WHERE video_id = $1 AND stage = $2
        AND run_id = $6 AND activity_id = $7 AND attempt > $8) AS superseded
  ), lost AS (
    UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = 'worker_lost', kind = 'worker_lost',
      message = $12::jsonb ->> 'message'
    FROM fate WHERE NOT superseded AND video_id = $1 AND stage = $2 AND ended_at IS NULL
      AND (run_id, activity_id, attempt) IS DISTINCT FROM ($6, $7, $8::integer)
    RETURNING stage_runs.id, generation, run_id, attempt
  ), opened AS (
    INSERT INTO stage_runs (video_id, stage, generation, admission_no, lane, run_id, activity_id, attempt,
      worker, started_at, ended_at, outcome, message)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp(), CASE WHEN superseded THEN clock_timestamp() END,
      CASE WHEN superseded THEN 'cancelled' END, CASE WHEN superseded THEN 'superseded' END
    FROM fate
    ON CONFLICT (run_id, activity_id, attempt) DO UPDATE SET worker = excluded.worker RETURNING id
  ), shown AS (
    UPDATE video_queue SET stage = $2, error_log = error_log || (
      SELECT coalesce(jsonb_agg($12::jsonb || jsonb_build_object('attempt', attempt) ORDER BY lost.id), '[]')
      FROM lost WHERE generation = $3 AND run_id = $6)
    FROM fate WHERE id = $1 AND NOT superseded
  ), before AS (
    SELECT count(*) FILTER (WHERE outcome = 'failed' AND admission_no = $4 AND kind <> ALL ($11)) AS failures,
      count(*) FILTER (WHERE outcome = 'failed' AND kind <> ALL ($11)) AS failures_in_all,
      min(ended_at) FILTER (WHERE outcome = 'failed' AND id > (SELECT coalesce(max(id), 0) FROM stage_runs
        WHERE video_id = $1 AND stage = $2 AND (admission_no <> $4 OR ended_at IS NOT NULL AND kind <> ALL ($11)))
      ) AS troubled_since,
      count(*) FILTER (WHERE outcome = 'worker_lost') AS losses
    FROM stage_runs WHERE video_id = $1 AND stage = $2 AND generation = $3
  ), held AS (
    SELECT EXISTS (SELECT FROM lost) OR EXISTS (
      SELECT FROM pipeline_costs WHERE video_id = $1 AND stage = $2 AND state = 'held') AS maybe
  )
  SELECT maybe AND NOT superseded AS may_hold, opened.id, superseded, failures, failures_in_all, troubled_since,
    (SELECT count(*) FROM stage_runs WHERE video_id = $1 AND stage = $2 AND outcome = 'completed') AS made_before,
    losses + (SELECT count(*) FROM lost WHERE generation = $3) AS losses FROM opened, fate, before, held`;

/** Sets what the video shows of a stage that has just ended: $2 the stage, $3 SHARES, $4 its warnings. */
const SHOW_DONE = `UPDATE video_queue SET stage = $2, warnings = warnings || $4::jsonb,
  progress = greatest(progress, (SELECT sum(($3::jsonb ->> done.stage)::numeric)
    FROM (SELECT stage FROM stage_results WHERE video_id = $1 UNION SELECT $2) AS done))
  WHERE id = $1 AND status = 'processing'`;

/** The attempt's number, or no row when it had its end already. */
const FINISH_RUN = `
  WITH ended AS (
    UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = 'completed'
    WHERE id = $5 AND ended_at IS NULL RETURNING attempt, run_id || '/' || activity_id || '/' || attempt AS made_by
  ), taken AS (
    SELECT made_by FROM ended WHERE $6
  ), stored AS (
    INSERT INTO stage_results (video_id, stage, input_hash, result, providers, made_by)
    SELECT $1, $2, $7, $8::jsonb, $9::jsonb, made_by FROM taken
    ON CONFLICT (video_id, stage) DO UPDATE SET input_hash = excluded.input_hash, result = excluded.result,
      providers = excluded.providers, made_by = excluded.made_by, made_at = now()
  ), shown AS (
    ${SHOW_DONE} AND EXISTS (SELECT FROM taken)
  )
  SELECT attempt FROM ended`;

/** All that a stage reads before it works. Throws for an unknown video. */
export async function loadStage(
  deps: Deps,
  input: StageInput,
): Promise<{ order: Order; results: Partial<StageResults>; spend: SpendState }> {
  const { rows } = await deps.pool.query<LoadedRow>(
    `SELECT request_data AS order, spent, seq,
       (SELECT jsonb_object_agg(stage, result) FROM stage_results WHERE video_id = id) AS results
     FROM video_queue JOIN video_budget ON video_id = id WHERE id = $1`,
    [input.video_id],
  );
  const row = rows[0];
  if (!row) throw new Error(`video ${input.video_id} does not exist`);
  const spend = { total: parseDollars(row.spent), seq: row.seq };
  return { order: row.order, results: row.results ?? {}, spend };
}

/**
 * Opens the row of an attempt. Earlier rows of the stage that have no end belonged to workers that died;
 * they are closed as `worker_lost`, which is no retry, with an entry in the error log, and what they held becomes a charge. Beginning the same
 * attempt again changes nothing.
 */
export async function beginRun(
  deps: Deps,
  input: StageInput,
  stage: StageName,
  run: RunId,
  worker: string,
): Promise<BegunRun> {
  const { begun, assumed } = await inTransaction(deps.pool, async (tx) => {
    const current = await lockVideo(tx, input);
    const { rows } = await tx.query<BegunRun & { may_hold: boolean }>(BEGIN_RUN, [
      input.video_id,
      stage,
      input.generation,
      input.admission_no,
      input.lane,
      run.run_id,
      run.activity_id,
      run.attempt,
      worker,
      current?.producing ?? false,
      FREE_KINDS,
      JSON.stringify({ ...LOST, stage, at: new Date().toISOString() }),
    ]);
    const { may_hold, ...begun } = rows[0] as BegunRun & { may_hold: boolean };
    // After the rows of lost attempts are closed: from then on none of them can hold anything new.
    const assumed = may_hold ? await assumeHolds(tx, input.video_id, { stage }) : null;
    return { begun, assumed };
  });
  if (assumed) await announceCharges(deps, input.video_id, assumed);
  return begun;
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
    const { rows } = await tx.query<{ attempt: number }>(FINISH_RUN, [
      input.video_id,
      stage,
      SHARES,
      JSON.stringify(record.warnings),
      begun.id,
      current?.sameAdmission ?? false,
      record.inputHash,
      JSON.stringify(record.result),
      JSON.stringify(record.providers),
    ]);
    const attempt = rows[0]?.attempt ?? null;
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
    if (current?.sameAdmission) await tx.query(SHOW_DONE, [input.video_id, stage, SHARES, '[]']);
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

/** The same for an attempt before this one of the same activity, which found no Postgres for it. Again is harmless. */
export async function failLeftRun(
  deps: Deps,
  { run_id, activity_id }: RunId,
  input: StageInput,
  entry: ErrorEntry,
): Promise<void> {
  const { rows } = await deps.pool.query<{ id: number }>(
    'SELECT id FROM stage_runs WHERE run_id = $1 AND activity_id = $2 AND attempt = $3',
    [run_id, activity_id, entry.attempt],
  );
  if (rows[0]) await failRun(deps, rows[0], input, entry, 'failed');
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

/** The attempt's number, or null when the row had its end already. */
async function endRun(tx: Db, id: number, outcome: string, entry?: ErrorEntry): Promise<number | null> {
  const { rows } = await tx.query<{ attempt: number }>(
    `UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = $2, kind = $3, message = $4
     WHERE id = $1 AND ended_at IS NULL RETURNING attempt`,
    [id, outcome, entry?.kind ?? null, entry?.message ?? null],
  );
  return rows[0]?.attempt ?? null;
}

interface LoadedRow {
  order: Order;
  spent: string;
  seq: number;
  results: Partial<StageResults> | null;
}
