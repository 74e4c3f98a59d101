import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../../../activities/providers/probe-ffprobe.ts';
import { createQualityValidation } from '../../../activities/quality-validation.ts';
import type { StageProduct } from '../../../activities/stage.ts';
import { createVideoRendering } from '../../../activities/video-rendering.ts';
import type { Clip } from '../../../domain/results.ts';
import { blackAndFrozen, colourAt, frameTimes } from '../../support/measure.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import {
  drawn,
  MOVING,
  type SyntheticClip,
  showClips,
  storeClips,
  storeSyntheticVideo,
} from '../../support/synthetic-video.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', ttsPython: null, espeak: null };

const LAND60: SyntheticClip = {
  name: 'land60',
  args: drawn('testsrc2=size=1280x720:rate=60:duration=3'),
  ...{ width: 1280, height: 720, fps: 60, colorSpace: null, durationMs: 3000 },
};
const PORTRAIT: SyntheticClip = {
  name: 'portrait',
  args: drawn('testsrc2=size=540x960:rate=25:duration=3'),
  ...{ width: 540, height: 960, fps: 25, colorSpace: null, durationMs: 3000 },
};
/** Red above blue as stored, and grainy, so that it never stands still. */
const HALVES =
  'color=0xc03020:size=640x180:rate=30:duration=2.5[a];color=0x2040c0:size=640x180:rate=30:duration=2.5[b];[a][b]vstack,noise=alls=16:allf=t';
const TURNED: SyntheticClip = {
  name: 'turned',
  args: drawn(HALVES),
  ...{ width: 360, height: 640, fps: 30, colorSpace: null, durationMs: 2500 },
};
const UNEVEN: SyntheticClip = {
  name: 'uneven',
  args: drawn("testsrc2=size=640x360:rate=30:duration=3,select='not(mod(n,4))+not(mod(n,3))'", [
    '-fps_mode',
    'vfr',
  ]),
  ...{ width: 640, height: 360, fps: 0, colorSpace: null, durationMs: 2900 },
};

/** Two clips and their seam; a rotated one; a card; an uneven one; one that must be slowed and repeated. */
const SCENES = [
  { text: 'The sea is deep', ms: 4010 },
  { text: 'It is turned', ms: 820 },
  { text: 'A card', ms: 700 },
  { text: 'No light here', ms: 900 },
  { text: 'Yet life goes on', ms: 2200 },
];
const FRAMES = 259;

let stage: TestStage;
let turned: Clip;
let product: StageProduct<'video_rendering'>;
let video: string;

beforeAll(async () => {
  stage = await testStage();
  await storeSyntheticVideo(stage, SCENES);
  const [land, portrait, lying, uneven, moving] = await storeClips(stage, [
    ...[LAND60, PORTRAIT, TURNED, UNEVEN, MOVING],
  ]);
  if (!(land && portrait && lying && uneven && moving)) throw new Error('a clip is missing');
  turned = await quarterTurn(stage, lying);
  showClips(stage, 0, [land, portrait]);
  showClips(stage, 1, [turned]);
  showClips(stage, 3, [uneven]);
  showClips(stage, 4, [moving]);
  product = await createVideoRendering(tools, 2, 0)(stage.context);
  stage.context.results.video_rendering = product.result;
  video = await stage.context.fetch(product.result.video);
});

afterAll(() => stage.remove());

describe('a video of clips of every kind, with a card between them', () => {
  test('has exactly its frames, evenly, and the promised format', async () => {
    expect(product.result).toMatchObject({ frames: FRAMES, segmentsRendered: 5, segmentsReused: 0 });
    const facts = await probe('ffprobe', video, stage.context.signal);
    expect(facts.video).toMatchObject({
      width: 1920,
      height: 1080,
      pix_fmt: 'yuv420p',
      avg_frame_rate: '30/1',
    });
    expect(facts.video).toMatchObject({ color_space: 'bt709', color_transfer: 'bt709', color_range: 'tv' });
    expect(await frameTimes(video)).toEqual(Array.from({ length: FRAMES }, (_, i) => i * 512));
  });

  test('is never black and never stands still, not at its seams either', async () => {
    expect(await blackAndFrozen(video)).toEqual([]);
    const quality = await createQualityValidation(tools)(stage.context);
    expect(quality.result.checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('shows a rotated clip upright, whole, over a darker fill', async () => {
    const [left, right] = [
      await colourAt(video, 4.2, 'crop=100:100:720:200'),
      await colourAt(video, 4.2, 'crop=100:100:1100:200'),
    ];
    expect(left[2]).toBeGreaterThan(150);
    expect(right[0]).toBeGreaterThan(150);
    const fill = await colourAt(video, 4.2, 'crop=200:100:1650:200');
    expect(fill[0]).toBeGreaterThan(40);
    expect(fill[0]).toBeLessThan((right[0] ?? 0) / 1.5);
  });

  test('fades from scene to scene over 0.4 s', async () => {
    const reds: number[] = [];
    for (const frame of [107, 110, 113, 116, 119])
      reds.push((await colourAt(video, frame / 30 + 0.01, 'crop=200:100:1100:600'))[0] ?? 0);
    expect(new Set(reds.map((red) => Math.round(red / 4))).size).toBeGreaterThan(3);
  });

  test('another clip costs its scene and the one before, into which it fades, nothing else', async () => {
    const { scenes } = stage.context.results.media_collection ?? { scenes: [] };
    const again = await stage.again({
      results: { ...stage.context.results, media_collection: { scenes: [...scenes] } },
    });
    const [other] = await storeClips(stage, [{ ...MOVING, name: 'other', args: drawn(MIRRORED) }]);
    showClips(again, 3, other ? [other] : []);
    const { result } = await createVideoRendering(tools, 2, 0)(again.context);
    expect(result).toMatchObject({ frames: FRAMES, segmentsRendered: 2, segmentsReused: 3 });
  });
});

const MIRRORED = 'testsrc2=size=640x360:rate=24:duration=1.5,hflip';

test('a playlist that calls itself a clip opens no other file', async () => {
  const { scenes } = stage.context.results.media_collection ?? { scenes: [] };
  const again = await stage.again({
    results: { ...stage.context.results, media_collection: { scenes: [...scenes] } },
  });
  const path = join(stage.root, 'list.mp4');
  await writeFile(path, `ffconcat version 1.0\nfile '${video}'\n`);
  showClips(again, 4, [{ ...turned, file: await stage.store(path, 'media/list.mp4') }]);
  await expect(createVideoRendering(tools, 2, 0)(again.context)).rejects.toMatchObject({
    kind: 'process_failed',
  });
});

/** Marks a clip as filmed with the camera on its side: players turn it clockwise by 90 degrees. */
async function quarterTurn(at: TestStage, clip: Clip): Promise<Clip> {
  const bytes = await readFile(await at.context.fetch(clip.file));
  // The matrix of the track header (ISO 14496-12): 40 bytes after the version of the box.
  const matrix = bytes.indexOf('tkhd') + 4 + 40;
  for (const [i, value] of [0, 0x10000, 0, -0x10000, 0, 0, 360 * 0x10000, 0].entries())
    bytes.writeInt32BE(value, matrix + i * 4);
  const path = join(at.root, 'turned-on-its-side.mp4');
  await writeFile(path, bytes);
  return { ...clip, file: await at.store(path, 'media/turned-on-its-side.mp4') };
}
