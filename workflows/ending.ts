import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  patched,
  proxyActivities,
  TemporalFailure,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type ControlActivities,
  QUALITY_FAILED,
  type SettleAnswer,
  SUPERSEDED,
  type VideoOutcome,
} from '../domain/contract.ts';
import type { StageName } from '../domain/stages.ts';
import { showBorder } from './progress.ts';
import { costEnding, noteSpend } from './spend.ts';
import { controlOptions } from './stage-options.ts';
import { stageFailureOf } from './stages.ts';
import type { Ending, VideoState } from './video-state.ts';

export const COMPLETED: Ending = { status: 'completed', reason: null, stage: null, message: null };

/** True when a stage found that its row belongs to somebody else now: nothing is left to settle. */
export function isSuperseded(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === SUPERSEDED
  );
}

/**
 * True when a cancel is why the stages stopped. Once it is asked for it decides whatever they made of it: the server
 * tries nothing again then, so a worker that dies in these seconds comes back as a timeout. Ask outside of their scope.
 */
export function isCancelled(error: unknown): boolean {
  if (isCancellation(error)) return true;
  // Histories from before went by the error alone.
  return CancellationScope.current().consideredCancelled && patched('cancel-decides');
}

/** How the video ends after this error. A fault of the workflow's own code is thrown again: a deploy mends it. */
export function endingOf(video: VideoState, error: unknown): Ending {
  if (!(error instanceof TemporalFailure)) throw error;
  if (video.halt) return video.halt;
  const stage = video.running[0] ?? null;
  if (isCancelled(error)) {
    return { status: 'cancelled', reason: 'operator_cancel', stage, message: 'Cancelled by the operator' };
  }
  if (error instanceof ApplicationFailure && error.type === QUALITY_FAILED) {
    return { status: 'failed', reason: QUALITY_FAILED, stage: 'quality_validation', message: error.message };
  }
  const failure = stageFailureOf(error);
  if (failure?.kind === 'cost_limit') {
    video.halt = costEnding(failure.stage);
    return video.halt;
  }
  if (failure) return { status: 'failed', reason: failure.kind, ...pick(failure) };
  const reason = neverStarted(error) ? 'lane_lost' : 'bug';
  return { status: 'failed', reason, stage: stageOf(error) ?? stage, message: messageOf(error) };
}

/**
 * The one way out of a claimed or cancelled video. `final` is set in this workflow task, so that neither a
 * cancel nor a charge changes the ending while it is written. Returns the outcome of a completed video;
 * throws the failure by which Temporal shows Failed or Canceled.
 */
export async function settleVideo(video: VideoState, ending: Ending): Promise<VideoOutcome> {
  video.final = ending;
  showBorder(video);
  const { input, claimed, lane } = video;
  await CancellationScope.nonCancellable(async () => {
    if (ending === video.halt) await cancelSelf(ending);
    const { settle } = proxyActivities<ControlActivities>(controlOptions(`settle as ${ending.status}`));
    const answer = await settle({
      ...input,
      ...ending,
      admission_no: lane ? claimed : null,
      chain: workflowInfo().firstExecutionRunId,
    });
    noteSettled(video, ending, answer);
    await condition(allHandlersFinished);
  });
  if (ending.status === 'failed') throw failureOf(ending);
  if (ending.status === 'cancelled') throw new CancelledFailure(ending.message ?? 'Cancelled');
  return { status: ending.status, reason: ending.reason, total: video.spend.total };
}

/** Shows the reason and the money of the row where it knows better. Histories from before the answer have none. */
function noteSettled(video: VideoState, ending: Ending, answer: SettleAnswer | undefined): void {
  if (!answer) return;
  const { total } = video.spend;
  if (answer.spend) noteSpend(video, answer.spend);
  const otherReason = answer.reason !== ending.reason;
  if (otherReason) video.final = { ...ending, reason: answer.reason };
  if (otherReason || (video.spend.total !== total && patched('settled-spend'))) showBorder(video);
}

/** Only a recorded cancel request lets the workflow end as Canceled; one thrown by itself would end as Failed. */
async function cancelSelf({ reason }: Ending): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const { requestCancel } = proxyActivities<ControlActivities>(controlOptions(`cancel itself: ${reason}`));
  await requestCancel({ workflow_id: workflowId, run_id: runId, reason: reason ?? 'cancelled' });
}

function failureOf(ending: Ending): ApplicationFailure {
  return ApplicationFailure.create({
    type: ending.reason ?? 'failed',
    message: ending.message ?? 'The video failed',
    nonRetryable: true,
    details: [ending],
  });
}

function pick({ stage, message }: { stage: StageName; message: string }) {
  return { stage, message };
}

/** True when no worker took the stage in time. */
export function neverStarted(error: TemporalFailure): boolean {
  return error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_START';
}

function stageOf(error: TemporalFailure): StageName | null {
  return error instanceof ActivityFailure ? (error.activityType as StageName) : null;
}

function messageOf(error: TemporalFailure): string {
  return error.cause?.message ?? error.message;
}
