import {
  CancellationScope,
  CancelledFailure,
  defineQuery,
  defineSignal,
  log,
  patched,
  proxyActivities,
  setHandler,
  TemporalFailure,
} from '@temporalio/workflow';
import { fits, laterOf, type SpendState } from '../domain/budget.ts';
import {
  CHARGE_RECORDED,
  type ChargeSignal,
  type ControlActivities,
  type ExternalCharge,
  SPEND_QUERY,
} from '../domain/contract.ts';
import { parseDollars } from '../domain/money.ts';
import type { StageName } from '../domain/stages.ts';
import { controlOptions } from './stage-options.ts';
import type { Ending, VideoState } from './video-state.ts';

/** Registers the `chargeRecorded` signal and the `spend` query. */
export function watchSpend(video: VideoState): void {
  setHandler(defineSignal<[ChargeSignal]>(CHARGE_RECORDED), (signal) => takeCharge(video, signal), {
    description:
      'Money was spent: {id, amount, total, seq} from a stage, or {id, amount in dollars} by hand.',
  });
  setHandler(defineQuery<SpendState>(SPEND_QUERY), () => video.spend, {
    description: 'Micro-dollars spent so far, and the number of the ledger state that says so.',
  });
}

/** Takes a ledger state if it is the later one, and stops the stages once the cap is reached. */
export function noteSpend(video: VideoState, spend: SpendState): void {
  video.spend = laterOf(video.spend, spend);
  if (video.cap !== null && video.spend.total >= video.cap) haltForCost(video, video.running[0] ?? null);
}

/**
 * The gate before stages that run side by side; those with a stored result ask for nothing. When their estimates
 * no longer fit under the cap the video cancels itself; throws the CancelledFailure of that.
 */
export function assertAffordable(video: VideoState, stages: readonly StageName[]): void {
  const unmade = stages.filter((stage) => !video.stored.includes(stage));
  const fitting = video.cap === null || fits(video.spend.total, video.cap, unmade);
  if (!fitting) haltForCost(video, stages[0] ?? null);
  if (video.halt) throw new CancelledFailure(video.halt.message ?? 'Cost limit exceeded');
}

/** Between two admissions nothing is stopped: the cap may rise meanwhile, and the next claim compares anew. */
function haltForCost(video: VideoState, stage: StageName | null): void {
  if (video.final || video.halt) return;
  // Histories from before halted while they waited, too.
  if (!video.lane && patched('halt-in-production')) return;
  video.halt = costEnding(stage);
  video.stages.cancel();
}

/** The ending of a video whose money is spent, or whose next call or stage no longer fits under its cap. */
export function costEnding(stage: StageName | null): Ending {
  const message = `Cost limit exceeded${stage ? ` at ${stage}` : ''}`;
  return { status: 'cancelled', reason: 'cost_limit', stage, message };
}

async function takeCharge(video: VideoState, signal: ChargeSignal): Promise<void> {
  if (isLedgerState(signal)) return noteSpend(video, signal);
  const charge = readRawCharge(video, signal);
  if (!charge) return log.warn('a charge without id and amount in dollars was ignored');
  const { recordCharge } = proxyActivities<ControlActivities>(controlOptions(`charge ${charge.id}`));
  try {
    noteSpend(video, await CancellationScope.nonCancellable(() => recordCharge(charge)));
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.warn('the ledger refused a charge', { id: charge.id, error });
  }
}

function isLedgerState(signal: ChargeSignal): signal is ChargeSignal & SpendState {
  return typeof signal?.total === 'number' && typeof signal.seq === 'number';
}

/** Signals from the command line may hold anything, and an error here would wedge the workflow. */
function readRawCharge(video: VideoState, signal: ChargeSignal): ExternalCharge | null {
  if (typeof signal?.id !== 'string' || typeof signal.amount !== 'number') return null;
  try {
    const amount = parseDollars(signal.amount);
    if (amount <= 0) return null;
    return {
      video_id: video.input.video_id,
      id: signal.id,
      service: 'external',
      operation: 'signal',
      amount,
    };
  } catch {
    return null;
  }
}
