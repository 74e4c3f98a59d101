import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { type StageInput, type StageOutcome, SUPERSEDED } from '../domain/contract.ts';
import { StageError } from '../domain/errors.ts';
import { sumOf, toDollars } from '../domain/money.ts';
import { misfitOf } from '../domain/narration.ts';
import { overallProgress } from '../domain/progress.ts';
import { rejectionOf } from '../domain/quality.ts';
import type { AudioResult, Providers, QualityResult, Warning } from '../domain/results.ts';
import { MAX_WORKER_LOSSES, STAGE_NAMES, type StageName, type StageSpec } from '../domain/stages.ts';
import type { Deps } from '../infra/deps.ts';
import {
  beginRun,
  failLeftRun,
  failRun,
  finishRun,
  loadStage,
  reuseRun,
} from '../infra/stages/stage-records.ts';
import { type Attempt, openAttempt } from './attempt.ts';
import { billFailure, computeUsage, priced } from './billing.ts';
import { failureOf } from './failure-of.ts';
import type { GpuCard } from './gpu-card.ts';
import { takeGpuMemory } from './gpu-memory.ts';
import type { StageProduct, StageWork } from './stage.ts';
import { createContext, doneOf } from './stage-context.ts';
import { entryOf, judge, toFailure } from './stage-failure.ts';
import { tellTrouble, troubledMs } from './trouble.ts';
import { makeWork } from './work-folder.ts';

type Loaded = Awaited<ReturnType<typeof loadStage>>;
type Begun = Awaited<ReturnType<typeof beginRun>>;

/**
 * The wrapper around a stage's work: stored result → begin → work → result and charges in one transaction →
 * events. It alone decides whether a failure ends the stage. Throws ApplicationFailures (type = error kind),
 * and a CancelledFailure when the attempt was cancelled or its worker shuts down.
 */
export function runStage<T extends StageName>(
  deps: Deps,
  spec: StageSpec,
  work: StageWork<T>,
  card: GpuCard | null = null,
): (input: StageInput) => Promise<StageOutcome> {
  return async (input) => {
    const attempt = openAttempt(deps, spec, input, card);
    try {
      const loaded = await loadStage(deps, input);
      const begun = await begin(attempt);
      return await execute(attempt, loaded, begun, work).catch((thrown) =>
        recordFailure(attempt, loaded, begun, thrown),
      );
    } catch (thrown) {
      throw await asFailure(attempt, thrown);
    } finally {
      attempt.close();
    }
  };
}

async function begin(attempt: Attempt): Promise<Begun> {
  const { deps, input, spec, run, unrecorded } = attempt;
  // An open row would be taken for one of a worker that died.
  if (unrecorded) await failLeftRun(deps, run, input, unrecorded);
  attempt.unrecorded = null;
  const begun = await beginRun(deps, input, spec.name, run, `${deps.config.machine.id}/${process.pid}`);
  attempt.triesLeft = spec.retries + 1 - begun.failures_in_all;
  attempt.troubledSince = begun.troubled_since;
  if (!begun.superseded) return begun;
  throw ApplicationFailure.nonRetryable('the video belongs to another admission now', SUPERSEDED);
}

async function execute<T extends StageName>(
  attempt: Attempt,
  loaded: Loaded,
  begun: Begun,
  work: StageWork<T>,
): Promise<StageOutcome> {
  if (loaded.results[attempt.spec.name]) return reuse(attempt, loaded, begun);
  if (begun.losses > MAX_WORKER_LOSSES) {
    throw new StageError('worker_lost', `${begun.losses} workers died in this stage`);
  }
  await announceStart(attempt, loaded);
  const warnings: Warning[] = [];
  const product = await perform(attempt, loaded, begun, work, warnings);
  return finish(attempt, loaded, begun, product, warnings);
}

async function perform<T extends StageName>(
  attempt: Attempt,
  loaded: Loaded,
  begun: Begun,
  work: StageWork<T>,
  warnings: Warning[],
): Promise<StageProduct<T>> {
  const workDir = await makeWork(attempt.deps.config, attempt.input.video_id, attempt.name);
  let freeMemory: () => void = () => undefined;
  try {
    freeMemory = await takeGpuMemory(attempt, begun.id, loaded.order);
    attempt.startLimit();
    return await work(createContext(attempt, begun, loaded, workDir, warnings));
  } finally {
    freeMemory();
    await rm(workDir, { recursive: true, force: true });
  }
}

async function finish<T extends StageName>(
  attempt: Attempt,
  loaded: Loaded,
  begun: Begun,
  { result, providers, usage }: StageProduct<T>,
  warnings: Warning[],
): Promise<StageOutcome> {
  const { deps, input, spec } = attempt;
  const charges = priced(attempt, [...usage, ...computeUsage(attempt)]);
  const inputHash = hashInputs(spec.name, loaded);
  const product = { result, providers, charges, inputHash, warnings };
  const spend = await finishRun(deps, begun, input, spec.name, product);
  countEnd(attempt, 'completed');
  await announceEnd(attempt, loaded, { cost: toDollars(sumOf(charges)), reused: false, providers });
  return { stage: spec.name, ...spend, reused: false, ...verdictOn(spec.name, result, loaded) };
}

async function reuse(attempt: Attempt, loaded: Loaded, begun: Begun): Promise<StageOutcome> {
  const { deps, input, spec } = attempt;
  const spend = await reuseRun(deps, begun, input, spec.name);
  countEnd(attempt, 'reused');
  await announceEnd(attempt, loaded, { cost: 0, reused: true, providers: {} });
  return {
    stage: spec.name,
    ...spend,
    reused: true,
    ...verdictOn(spec.name, loaded.results[spec.name], loaded),
  };
}

/** A rejected video is a finished validation, a misfit a finished narration: stored, and the workflow decides what follows. */
function verdictOn(
  stage: StageName,
  result: unknown,
  { order, results }: Loaded,
): Pick<StageOutcome, 'rejected' | 'misfit'> {
  if (stage === 'quality_validation') {
    const rejected = rejectionOf(result as QualityResult);
    return rejected ? { rejected } : {};
  }
  const script = results.script_generation;
  const misfit =
    stage === 'audio_synthesis' && script ? misfitOf(order, script, result as AudioResult) : null;
  return misfit === null ? {} : { misfit };
}

/** Bills and records a failed attempt, and throws it as Temporal has to see it. */
async function recordFailure(
  attempt: Attempt,
  { order }: Loaded,
  begun: Begun,
  thrown: unknown,
): Promise<never> {
  const { deps, input, spec, run } = attempt;
  await billFailure(attempt);
  if (thrown instanceof ApplicationFailure && thrown.type === SUPERSEDED) throw thrown;
  if (attempt.cancelled.aborted) return recordCancel(attempt, begun);
  const error = failureOf(attempt, attempt.signal.aborted ? attempt.signal.reason : thrown);
  const { failures } = begun;
  const troubled = troubledMs(attempt, error);
  const { times } = deps.config;
  const mayMove = input.lane === 'gpu' && order.complexity === 'premium';
  const verdict = judge(spec, error, { failures, troubledMs: troubled, times, mayMove });
  const entry = entryOf(attempt, error, verdict);
  attempt.log.warn({ err: error, next: entry.next }, 'the attempt failed');
  await failRun(deps, begun, input, entry, 'failed');
  const { kind, message, next } = entry;
  countEnd(attempt, 'failed');
  deps.metrics.count('ytempire_stage_failures_total', { stage: spec.name, kind });
  const failed = { stage: spec.name, attempt: run.attempt, kind, message, next };
  await deps.events.publish({ type: 'stage.failed', video_id: input.video_id, ...failed });
  await tellTrouble(attempt, error, troubled);
  throw toFailure(spec, error, verdict);
}

/** A cancel and a worker's shutdown are no failures: they use up no attempt. */
async function recordCancel(attempt: Attempt, begun: Begun): Promise<never> {
  const { deps, input, cancelled } = attempt;
  const error = new StageError('infrastructure', `the attempt was stopped: ${cancelled.reason?.message}`);
  const entry = {
    ...entryOf(attempt, error, { last: false, delayMs: 0, release: null }),
    next: 'the work is stopped',
  };
  await failRun(deps, begun, input, entry, 'cancelled');
  countEnd(attempt, 'cancelled');
  throw cancelled.reason;
}

/**
 * What reached the end unrecorded is a fault of the bookkeeping itself; when Postgres is away, it waits for it, and the
 * next attempt records it.
 */
async function asFailure(attempt: Attempt, thrown: unknown): Promise<Error> {
  if (thrown instanceof ApplicationFailure || thrown instanceof CancelledFailure) return thrown;
  const { spec, deps, log } = attempt;
  const error = failureOf(attempt, thrown);
  log.error({ err: error }, 'the attempt could not be recorded');
  const troubled = troubledMs(attempt, error);
  const { times } = deps.config;
  const verdict = judge(spec, error, { failures: 0, troubledMs: troubled, times, mayMove: false });
  attempt.passOn(entryOf(attempt, error, verdict));
  if (attempt.cancelled.aborted) return attempt.cancelled.reason;
  await tellTrouble(attempt, error, troubled);
  return toFailure(spec, error, verdict);
}

async function announceStart({ deps, input, spec, run }: Attempt, { results }: Loaded): Promise<void> {
  const progress = overallProgress(doneOf(results));
  const started = { stage: spec.name, attempt: run.attempt, progress };
  await deps.events.publish({ type: 'stage.started', video_id: input.video_id, ...started });
}

async function announceEnd(
  { deps, input, spec, startedAtMs }: Attempt,
  { results }: Loaded,
  end: { cost: number; reused: boolean; providers: Providers },
): Promise<void> {
  await deps.events.publish({
    type: 'stage.completed',
    video_id: input.video_id,
    stage: spec.name,
    progress: overallProgress([...new Set([...doneOf(results), spec.name])]),
    duration_ms: Date.now() - startedAtMs,
    ...end,
  });
}

/** Hash of what a stage is made from: the order and the results of the stages before it. */
function hashInputs(stage: StageName, { order, results }: Loaded): string {
  const before = STAGE_NAMES.slice(0, STAGE_NAMES.indexOf(stage));
  // Audio runs beside media, and is no input of it.
  const inputs = stage === 'media_collection' ? before.slice(0, 1) : before;
  const content = [stage, order, ...inputs.map((name) => results[name] ?? null)];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function countEnd({ deps, input, spec, startedAtMs }: Attempt, outcome: string): void {
  const seconds = (Date.now() - startedAtMs) / 1000;
  deps.metrics.observe(
    'ytempire_stage_duration_seconds',
    { stage: spec.name, lane: input.lane, outcome },
    seconds,
  );
}
