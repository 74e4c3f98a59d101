import {
  ApplicationFailure,
  CancellationScope,
  patched,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import { fits } from '../domain/budget.ts';
import { type ControlActivities, QUALITY_FAILED } from '../domain/contract.ts';
import { type Mender, redoneFrom } from '../domain/quality.ts';
import type { StageName } from '../domain/stages.ts';
import { assertAffordable } from './spend.ts';
import { controlOptions } from './stage-options.ts';
import { runStages } from './stages.ts';
import type { VideoState } from './video-state.ts';

/**
 * Answers a rejected video: the stage that can mend it and the ones made from it run again, once. Throws the
 * failure of a video that cannot be mended, or is rejected again.
 */
export async function mendOnce(video: VideoState): Promise<void> {
  if (!video.rejection) return;
  const { mend } = video.rejection;
  if (video.mended || !mend) throw rejected(video);
  const redone = redoneFrom(mend);
  video.stored = video.stored.filter((stage) => !redone.includes(stage));
  // Asked before anything is thrown away: what cannot be made again is better kept.
  assertAffordable(video, redone.slice(0, 1));
  await discardFrom(video, mend);
  video.mended = mend;
  video.done = video.done.filter((stage) => !redone.includes(stage));
  for (const stage of redone) if (stage !== 'upload_preparation') await runStages(video, stage);
  if (video.rejection) throw rejected(video);
}

/**
 * Answers a narration that misses the ordered length: the script is written anew for the speed that was measured, and
 * spoken again, once. A video whose money does not allow that keeps its length.
 */
export async function refitOnce(video: VideoState): Promise<void> {
  if (!video.misfit || video.refitted || !patched('refit')) return;
  const redone: StageName[] = ['script_generation', 'audio_synthesis', 'media_collection'];
  if (video.cap !== null && !fits(video.spend.total, video.cap, redone)) return;
  video.refitted = true;
  video.stored = video.stored.filter((stage) => !redone.includes(stage));
  await discardFrom(video, 'script_generation');
  video.done = video.done.filter((stage) => !redone.includes(stage));
  await runStages(video, 'script_generation');
  await runStages(video, 'audio_synthesis', 'media_collection');
}

/** Not cancellable: what is stored must be known before anything else happens. */
async function discardFrom({ input, claimed: admission_no }: VideoState, from: Mender): Promise<void> {
  const { discardResults } = proxyActivities<ControlActivities>(controlOptions(`make again from ${from}`));
  const chain = workflowInfo().firstExecutionRunId;
  await CancellationScope.nonCancellable(() => discardResults({ ...input, admission_no, chain, from }));
}

function rejected({ mended, rejection }: VideoState): ApplicationFailure {
  const after = mended ? ` after ${mended} ran again` : '';
  const message = `quality checks failed${after}: ${rejection?.checks}`;
  return ApplicationFailure.create({ type: QUALITY_FAILED, message, nonRetryable: true });
}
