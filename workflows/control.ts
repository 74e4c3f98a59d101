import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { PIPELINE_CONTROL, type PipelineControlSignal } from '../domain/contract.ts';
import { noteSpend } from './spend.ts';
import type { VideoState } from './video-state.ts';

const PAUSED = 'paused';

/** Registers the `pipelineControl` signal. */
export function watchControl(video: VideoState): void {
  setHandler(
    defineSignal<[PipelineControlSignal]>(PIPELINE_CONTROL),
    (signal) => {
      noteControl(video, signal);
      // A cap that was lowered may be reached already.
      if (typeof signal.cap === 'number') noteSpend(video, video.spend);
    },
    {
      description:
        'Pause or resume, of the pipeline or of this video, and its cap; the larger version counts.',
    },
  );
}

/** Signals may come late or twice: of two states, the one with the larger version counts. */
export function noteControl(video: VideoState, control: PipelineControlSignal): void {
  if (control.version < video.control.version) return;
  video.control = control;
  if (typeof control.cap === 'number') video.cap = control.cap;
}

/**
 * A border between stages: waits here, place in hand, while the pipeline is paused. Throws when this video alone
 * is paused, which gives its place back.
 */
export async function passBorder(video: VideoState): Promise<void> {
  if (video.control.paused) await condition(() => !video.control.paused);
  if (video.control.video_paused) {
    throw ApplicationFailure.create({ type: PAUSED, message: 'the video is paused', nonRetryable: true });
  }
}

export function isPaused(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === PAUSED;
}
