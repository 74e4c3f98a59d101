import type { AudioResult, MediaResult, SceneMedia } from '../../domain/results.ts';
import { FADE_FRAMES } from './stretches.ts';
import { type SceneSpan, spansOf } from './timeline.ts';

/** A scene, and the frames that it has in the video. */
export interface ScenePart {
  span: SceneSpan;
  media: SceneMedia;
  /** Frames of its picture that the scene before has shown already, fading them in. */
  lead: number;
}

/**
 * The scenes with their fades: with footage on either side of a border, a scene ends with the first frames of
 * the next one fading in. So no segment needs another to be encoded, and none reads a clip up to its end for
 * a few frames more, which can cost as much as the whole clip.
 */
export function partsOf(
  { scenes }: MediaResult,
  { sceneStartsMs, durationMs }: Pick<AudioResult, 'sceneStartsMs' | 'durationMs'>,
): ScenePart[] {
  const parts = spansOf(sceneStartsMs, durationMs).map((span) => ({ span, media: mediaOf(scenes, span) }));
  return parts.map((part, i) => {
    const before = parts[i - 1];
    const fades = before && (before.media.kind === 'footage' || part.media.kind === 'footage');
    return { ...part, lead: fades ? Math.min(FADE_FRAMES, Math.floor(before.span.frames / 2)) : 0 };
  });
}

function mediaOf(scenes: readonly SceneMedia[], { scene }: SceneSpan): SceneMedia {
  const media = scenes[scene];
  if (!media) throw new Error(`scene ${scene + 1} has speech but no picture`);
  return media;
}
