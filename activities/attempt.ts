import { Context } from '@temporalio/activity';
import type { ChargeSignal, StageInput } from '../domain/contract.ts';
import { StageError } from '../domain/errors.ts';
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
  /** When Temporal first scheduled the activity, and when this attempt of it. */
  scheduledAtMs: { first: number; this: number };
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
  /** Stops heartbeats and clock. */
  close(): void;
}

/** Opens the attempt that Temporal is running now, and keeps its heart beating until it is closed. */
export function openAttempt(deps: Deps, spec: StageSpec, input: StageInput, card: GpuCard | null): Attempt {
  const context = Context.current();
  const run = identify(context);
  const limit = new AbortController();
  const heart = setInterval(() => context.heartbeat(), HEARTBEAT_EVERY_MS);
  let clock: NodeJS.Timeout | undefined;
  let calls = 0;
  return {
    deps,
    spec,
    input,
    run,
    name: `${run.run_id}-${run.activity_id}-${run.attempt}`,
    startedAtMs: Date.now(),
    card,
    scheduledAtMs: {
      first: context.info.scheduledTimestampMs,
      this: context.info.currentAttemptScheduledTimestampMs,
    },
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
    close() {
      clearInterval(heart);
      clearTimeout(clock);
    },
  };
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
