import {
  CancellationScope,
  CancelledFailure,
  condition,
  defineSignal,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ADMITTED,
  type AdmittedSignal,
  type ControlActivities,
  type VideoInput,
  type VideoOutcome,
} from '../domain/contract.ts';
import { noteControl, watchControl } from './control.ts';
import { COMPLETED, endingOf, isSuperseded, settleVideo } from './ending.ts';
import { mendOnce, refitOnce } from './mend.ts';
import { showStatus } from './progress.ts';
import { leaveProduction, releaseOf, releaseVideo } from './release.ts';
import { assertAffordable, noteSpend, watchSpend } from './spend.ts';
import { controlOptions } from './stage-options.ts';
import { runStages } from './stages.ts';
import { openVideo, type VideoState } from './video-state.ts';

/** One video, from the queue to its package. Ends Completed, Failed or Canceled as the row of the video does. */
export async function produceVideo(input: VideoInput): Promise<VideoOutcome> {
  const video = openVideo(input);
  watchAdmission(video);
  watchSpend(video);
  watchControl(video);
  showStatus(video);
  for (;;) {
    const outcome = await produceOnce(video);
    if (outcome) return outcome;
  }
}

/** From one admission to the end, or to a release: then there is no outcome yet, and the next admission is awaited. */
async function produceOnce(video: VideoState): Promise<VideoOutcome | null> {
  try {
    await condition(() => (video.admission?.admission_no ?? 0) > video.claimed);
    if (!(await claimPlace(video))) return superseded(video);
    await video.stages.run(() => makeVideo(video));
    return await settleVideo(video, COMPLETED);
  } catch (error) {
    if (video.final) throw error;
    if (isSuperseded(error)) return superseded(video);
    const release = releaseOf(video, error);
    if (!release) return await settleVideo(video, endingOf(video, error));
    await releaseVideo(video, release);
    return null;
  }
}

async function makeVideo(video: VideoState): Promise<void> {
  await runStages(video, 'script_generation');
  await runStages(video, 'audio_synthesis', 'media_collection');
  await refitOnce(video);
  await runStages(video, 'video_rendering');
  await runStages(video, 'quality_validation');
  await mendOnce(video);
  await runStages(video, 'upload_preparation');
  assertAffordable(video, []);
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled at the end');
}

/** The same number again, or a smaller one, is a late or doubled delivery. */
function watchAdmission(video: VideoState): void {
  const handler = (signal: AdmittedSignal) => {
    if (signal.admission_no > (video.admission?.admission_no ?? 0)) video.admission = signal;
  };
  setHandler(defineSignal<[AdmittedSignal]>(ADMITTED), handler, {
    description: 'Admission gave this video a place on a lane.',
  });
}

/** Takes the admission by compare-and-set; false when somebody else has it. Not cancellable: a claim in flight must be known. */
async function claimPlace(video: VideoState): Promise<boolean> {
  const admission_no = video.admission?.admission_no ?? 0;
  const { claim } = proxyActivities<ControlActivities>(controlOptions(`claim admission ${admission_no}`));
  const answer = await CancellationScope.nonCancellable(() =>
    claim({ ...video.input, admission_no, chain: workflowInfo().firstExecutionRunId }),
  );
  video.claimed = admission_no;
  if (!answer.claimed) return false;
  video.run = answer.run;
  video.lane = answer.lane;
  video.priority = answer.priority ?? null;
  video.stored = answer.stored ?? [];
  noteControl(video, answer);
  // A newer cap may have come by signal before this answer, from versions before caps could change without one.
  video.cap ??= answer.cap;
  noteSpend(video, answer.spend);
  return true;
}

/**
 * The place is somebody else's: the end, or no outcome yet when a newer admission is known. That is a workflow which
 * was reset to a point before a release: the reset has kept the later signals.
 */
function superseded(video: VideoState): VideoOutcome | null {
  const newer = (video.admission?.admission_no ?? 0) > video.claimed;
  if (!newer || !patched('newer-admission')) {
    return { status: 'superseded', reason: null, total: video.spend.total };
  }
  leaveProduction(video);
  return null;
}
