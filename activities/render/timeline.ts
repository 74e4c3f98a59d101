import { FRAME_RATE } from '../../domain/video.ts';

/** A scene's frames on the clock of the video. */
export interface SceneSpan {
  scene: number;
  firstFrame: number;
  frames: number;
}

/** Frames of a whole video of this length. */
export function framesOf(durationMs: number): number {
  return Math.max(1, Math.round((durationMs * FRAME_RATE) / 1000));
}

/**
 * Scene borders rounded to whole frames, so that the frames of all scenes add up to the video's. The first
 * scene starts at frame 0; a scene shorter than half a frame is left out.
 */
export function spansOf(sceneStartsMs: readonly number[], durationMs: number): SceneSpan[] {
  const total = framesOf(durationMs);
  const borders = sceneStartsMs.map((startMs, i) =>
    i === 0 ? 0 : Math.min(total, Math.round((startMs * FRAME_RATE) / 1000)),
  );
  return borders
    .map((firstFrame, scene) => ({ scene, firstFrame, frames: (borders[scene + 1] ?? total) - firstFrame }))
    .filter((span) => span.frames > 0);
}
