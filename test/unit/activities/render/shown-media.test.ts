import { expect, test } from 'vitest';
import { leftOut, shownMedia } from '../../../../activities/render/shown-media.ts';
import { licencesIn } from '../../../../activities/upload/licences.ts';
import type { Clip, MediaResult, SceneMedia } from '../../../../domain/results.ts';

const ref = { key: 'k', sha256: 's', bytes: 1 };
const licence = { source: 'own media', author: 'A. Maker', licence: 'own', sha256: 's' };
const clip = (id: string): Clip => ({
  ...{ file: ref, durationMs: 9000, width: 1920, height: 1080, fps: 30, colorSpace: null },
  licence: { ...licence, id },
});
const footage = (ids: string): SceneMedia => ({
  kind: 'footage',
  clips: [...ids].map(clip),
  overlay: ref,
});
const card: SceneMedia = { kind: 'card', background: ref, overlay: ref, licence: { ...licence, id: 'card' } };

/** Ids of what each scene shows, for scenes of these lengths. */
function shown(scenes: SceneMedia[], lengthsMs: number[]) {
  const sceneStartsMs = lengthsMs.map((_, i) => lengthsMs.slice(0, i).reduce((sum, ms) => sum + ms, 0));
  const clock = { sceneStartsMs, durationMs: lengthsMs.reduce((sum, ms) => sum + ms, 0) };
  const media: MediaResult = { scenes };
  const ids = shownMedia(media, clock).scenes.map((scene) => licencesIn(scene).map(({ id }) => id));
  return { ids: ids.map((each) => each.join('')), left: leftOut([...'abcdef', 'x'], media, clock).join('') };
}

test.each([
  ['all that last two seconds', [footage('abc'), footage('d')], [6000, 2000], ['abc', 'd'], ''],
  ['no more than the scene has room for', [footage('abc'), footage('def')], [4000, 2000], ['ab', 'd'], 'cef'],
  ['one at least, however short the scene', [footage('ab'), footage('c')], [300, 300], ['a', 'c'], 'b'],
  ['the card of a scene that has one', [footage('ab'), card], [4000, 4000], ['ab', 'card'], ''],
  ['with the frames that fade in before', [card, footage('ab')], [4000, 3700], ['card', 'ab'], ''],
  ['nothing of a scene that has no frame', [footage('a'), footage('b')], [2000, 10], ['a', ''], 'b'],
] as const)('a scene shows %s', (_, scenes, lengthsMs, ids, left) => {
  expect(shown([...scenes], [...lengthsMs])).toEqual({ ids: [...ids], left });
});
