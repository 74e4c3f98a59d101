import {
  ActivityFailure,
  CancellationScope,
  patched,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ControlActivities } from '../domain/contract.ts';
import { ERROR_KINDS } from '../domain/errors.ts';
import { MAX_RUNS, type ReleaseReason } from '../domain/release.ts';
import type { StageName } from '../domain/stages.ts';
import { isPaused } from './control.ts';
import { isCancelled, neverStarted } from './ending.ts';
import { showBorder } from './progress.ts';
import { controlOptions } from './stage-options.ts';
import { stageFailureOf } from './stages.ts';
import type { VideoState } from './video-state.ts';

export interface Release {
  reason: ReleaseReason;
  wait_ms?: number;
  untaken?: StageName;
}

/** How the video leaves production without an end, or null when this error ends it. */
export function releaseOf(video: VideoState, error: unknown): Release | null {
  if (!video.lane || video.halt || isCancelled(error)) return null;
  const release = isPaused(error) ? { reason: 'paused' as const } : releaseAfter(video, error);
  // Histories from before releases existed settle here.
  return release && patched('release') ? release : null;
}

function releaseAfter(video: VideoState, error: unknown): Release | null {
  if (error instanceof ActivityFailure && neverStarted(error)) {
    return { reason: 'lane_lost', untaken: error.activityType as StageName };
  }
  const failure = stageFailureOf(error);
  if (failure?.release) return { reason: failure.release };
  if (!failure || ERROR_KINDS[failure.kind].retry === 'never') return null;
  if (failure.retry_after_ms !== undefined) {
    return { reason: 'retry_after', wait_ms: failure.retry_after_ms };
  }
  return video.run < MAX_RUNS ? { reason: 'retry_round' } : null;
}

/**
 * The one way out of production that is no end: the place is given back, finished stages are kept, and the
 * workflow waits for its next admission.
 */
export async function releaseVideo(video: VideoState, released: Release): Promise<void> {
  const { input, claimed: admission_no, run } = video;
  const { release } = proxyActivities<ControlActivities>(controlOptions(`release: ${released.reason}`));
  const chain = workflowInfo().firstExecutionRunId;
  await CancellationScope.nonCancellable(() => release({ ...input, ...released, admission_no, chain, run }));
  leaveProduction(video);
}

/** The video is between two admissions. A cap that was reached on the way out is for the next claim to compare. */
export function leaveProduction(video: VideoState): void {
  video.lane = null;
  if (video.halt && patched('halt-in-production')) video.halt = null;
  video.running = [];
  video.rejection = null;
  video.stages = new CancellationScope();
  showBorder(video);
}
