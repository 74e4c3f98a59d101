import { Context } from '@temporalio/activity';
import type { ChargeSignal, StageInput } from '../domain/contract.ts';
import { type ErrorEntry, StageError } from '../domain/errors.ts';
import { HEARTBEAT_EVERY_MS, type StageSpec } from '../domain/stages.ts';
import type { Deps } from '../infra/deps.ts';
import type { Logger } from '../infra/logger.ts';
import { signalCharge } from '../infra/money/charge-signal.ts';
import { type Hide, hideFor } from '../infra/settings/hide-secrets.ts';
import type { GpuCard } from './gpu-card.ts';
import { createSpendSignal, type SpendSignal } from './spend-signal.ts';

/** One attempt of a stage: who runs it, what stops it, and when it began. */
export interface Attempt {
  deps: Deps;
  spec: StageSpec;
  input: StageInput;
  /** Temporal's names of the attempt; attempts restart at 1 in each workflow run. */
  run: { workflow_id: string; run_id: string; activity_id: string; attempt: number };
  /** Unique name of the attempt, fit for a folder. */
  name: string;
  /** When the attempt began; after a wait for graphics memory, when its work began. */
  startedAtMs: number;
  /** The worker's graphics card; null on a lane that encodes in software. */
  card: GpuCard | null;
  /** When Temporal scheduled this attempt. */
  scheduledAtMs: number;
  /** The failure of an attempt before this one that could not be recorded, so that its row is still open; null = none. */
  unrecorded: ErrorEntry | null;
  /** When our own servers began to fail the stage, with no other end since; null = they do not. */
  troubledSince: Date | null;
  /** See StageContext; known once the attempt has begun. */
  triesLeft: number;
  log: Logger;
  /** Takes keys and passwords out of what is told of the attempt. */
  hide: Hide;
  /** Aborts on cancel, worker shutdown and the stage's limit. */
  signal: AbortSignal;
  /** Aborts on cancel and worker shutdown alone. */
  cancelled: AbortSignal;
  /** Key of the next ledger row: run / activity / attempt / call number. */
  nextKey(): string;
  /** Tells the workflow of money that is spent while the stage runs. */
  spend: SpendSignal;
  /** Starts the clock of the stage's limit. */
  startLimit(): void;
  /** Leaves a failure that could not be recorded to the next attempt; an earlier one that is left goes first. */
  passOn(failure: ErrorEntry): void;
  /** Stops heartbeats and clock. */
  close(): void;
}

/** Opens the attempt that Temporal is running now, and keeps its heart beating until it is closed. */
export function openAttempt(deps: Deps, spec: StageSpec, input: StageInput, card: GpuCard | null): Attempt {
  const context = Context.current();
  const run = identify(context);
  const limit = new AbortController();
  const unrecorded: ErrorEntry | null = context.info.heartbeatDetails ?? null;
  // Each beat replaces the details of the one before.
  const heart = setInterval(() => context.heartbeat(attempt.unrecorded), HEARTBEAT_EVERY_MS);
  let clock: NodeJS.Timeout | undefined;
  let calls = 0;
  const attempt: Attempt = {
    deps,
    spec,
    input,
    run,
    name: `${run.run_id}-${run.activity_id}-${run.attempt}`,
    startedAtMs: Date.now(),
    card,
    scheduledAtMs: context.info.currentAttemptScheduledTimestampMs,
    unrecorded,
    troubledSince: unrecorded && new Date(unrecorded.at),
    triesLeft: spec.retries + 1,
    hide: hideFor(deps.config, deps.secrets),
    log: deps.log.child({ video_id: input.video_id, stage: spec.name, attempt: run.attempt }),
    signal: AbortSignal.any([context.cancellationSignal, limit.signal]),
    cancelled: context.cancellationSignal,
    nextKey() {
      calls += 1;
      return `${run.run_id}/${run.activity_id}/${run.attempt}/${calls}`;
    },
    spend: createSpendSignal((signal) => tellWorkflow(deps, run, signal)),
    startLimit() {
      clock = setTimeout(() => limit.abort(overLimit(spec)), spec.limitMs);
    },
    passOn(failure) {
      attempt.unrecorded ??= failure;
      context.heartbeat(attempt.unrecorded);
    },
    close() {
      clearInterval(heart);
      clearTimeout(clock);
    },
  };
  return attempt;
}

/** A lost signal heals at the next border. */
async function tellWorkflow(deps: Deps, run: Attempt['run'], signal: ChargeSignal): Promise<void> {
  try {
    await signalCharge(deps, run, signal);
  } catch (error) {
    deps.log.warn({ err: error, ...run }, 'the workflow was not told of a charge');
  }
}

function identify({ info }: Context): Attempt['run'] {
  const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
  return { workflow_id: workflowId, run_id: runId, activity_id: info.activityId, attempt: info.attempt };
}

function overLimit(spec: StageSpec): StageError {
  return new StageError('timeout', `${spec.name} took longer than ${spec.limitMs / 1000} s`);
}
