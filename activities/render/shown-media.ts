import type { AudioResult, MediaResult } from '../../domain/results.ts';
import { licencesIn } from '../upload/licences.ts';
import { partsOf } from './scene-parts.ts';
import { stretchesOf } from './stretches.ts';

type Clock = Pick<AudioResult, 'sceneStartsMs' | 'durationMs'>;

/** The scenes with the clips that the video shows: what was collected before its length was known may be more. */
export function shownMedia(media: MediaResult, clock: Clock): MediaResult {
  const parts = new Map(partsOf(media, clock).map((part) => [part.span.scene, part]));
  const scenes = media.scenes.map((scene, i) => {
    if (scene.kind === 'card') return scene;
    const part = parts.get(i);
    const turns = part ? stretchesOf(scene.clips, part.span.frames + part.lead) : [];
    const shown = new Set(turns.map(({ clip }) => clip));
    return { ...scene, clips: scene.clips.filter((clip) => shown.has(clip)) };
  });
  return { scenes };
}

/** Those of the ids whose clip or image was collected and is not shown, in their order. */
export function leftOut(ids: readonly string[], media: MediaResult, clock: Clock): string[] {
  const idsIn = ({ scenes }: MediaResult) => new Set(scenes.flatMap(licencesIn).map(({ id }) => id));
  const [collected, shown] = [idsIn(media), idsIn(shownMedia(media, clock))];
  return ids.filter((id) => collected.has(id) && !shown.has(id));
}
