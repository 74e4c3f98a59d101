import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeStill } from '../../../activities/footage/still.ts';
import { sharpestFrame } from '../../../activities/thumbnail/frames.ts';
import { sharpnessOf } from '../../../activities/thumbnail/sharpness.ts';
import { drawThumbnail, THUMBNAIL } from '../../../activities/thumbnail.ts';
import type { Clip, SceneMedia } from '../../../domain/results.ts';
import { ASPECTS, FRAME_SIZE } from '../../../domain/video.ts';
import type { MediaFile } from '../../../infra/media/rows.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import { drawn, storeClips } from '../../support/synthetic-video.ts';

const size = { width: 640, height: 360, fps: 30, colorSpace: null, durationMs: 1000 };
let stage: TestStage;
let clips: Clip[];

beforeAll(async () => {
  stage = await testStage();
  clips = await storeClips(stage, [
    { name: 'plain', args: drawn('color=0x306080:s=640x360:d=1'), ...size },
    { name: 'blurred', args: drawn('testsrc2=s=640x360:d=1,boxblur=12:2'), ...size },
    { name: 'sharp', args: drawn('testsrc2=s=640x360:d=1'), ...size },
    { name: 'night', args: drawn('testsrc2=s=640x360:d=1,lutyuv=y=16+(val-16)/30:u=128:v=128'), ...size },
  ]);
});
afterAll(() => stage.remove());

/** In a folder of its own, so that no frame of an earlier call is found. */
async function frameOf(shown: readonly (Clip | undefined)[]) {
  const scenes = shown.map((clip) => ({ kind: 'footage', clips: [clip] }) as unknown as SceneMedia);
  const workDir = await mkdtemp(join(stage.root, 'work-'));
  return sharpestFrame({ ...stage.context, workDir }, 'ffmpeg', { scenes }, THUMBNAIL);
}

test('the sharpest frame of the clips is taken, never a dark or empty one', async () => {
  const [plain, blurred, sharp, night] = clips;
  const best = await frameOf([plain, blurred, sharp, night]);
  const alone = await frameOf([sharp]);
  if (!best || !alone) throw new Error('no frame was taken');
  expect(best).toMatchObject(THUMBNAIL);
  expect(sharpnessOf(best)).toBe(sharpnessOf(alone));
  expect(await frameOf([plain, night])).toBeNull();
});

test.each(ASPECTS)('an own image has its own colours on the thumbnail of a video at %s', async (aspect) => {
  const canvas = createCanvas(1280, 720);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#00ff00';
  ctx.fillRect(0, 0, 1280, 720);
  // Detail, without which no frame is taken.
  ctx.fillStyle = '#000000';
  for (let x = 0; x < 620; x += 16) ctx.fillRect(x, 0, 8, 720);
  const [path, output] = [join(stage.context.workDir, 'own.png'), join(stage.context.workDir, 'own.jpg')];
  await writeFile(path, await canvas.encode('png'));
  const media = { width: 1280, height: 720, format: 'png', orientation: 1 } as MediaFile;
  const frame = FRAME_SIZE[aspect];
  const facts = await makeStill('ffmpeg', { path, media, frame, output }, stage.context.signal);
  const clip = {
    ...facts,
    file: await stage.store(output, `media/own-${frame.width}x${frame.height}.jpg`),
  } as Clip;
  const picture = await frameOf([clip]);
  if (!picture) throw new Error('no frame was taken');
  const shown = createCanvas(THUMBNAIL.width, THUMBNAIL.height).getContext('2d');
  shown.drawImage(picture, 0, 0);
  const [red = 0, green = 0, blue = 0] = shown.getImageData(680, 360, 1, 1).data;
  expect(green).toBeGreaterThan(245);
  expect(Math.max(red, blue)).toBeLessThan(10);
});

test('a clip that gives no frame, and a video of cards, get a drawn background', async () => {
  const [plain, , sharp] = clips;
  expect(
    await frameOf([plain && { ...plain, file: await stage.store('package.json', 'media/x.mp4') }]),
  ).toBeNull();
  expect(await frameOf([sharp && { ...sharp, durationMs: 60_000 }]), 'shorter than it says').toBeNull();
  expect(await frameOf([])).toBeNull();
});

/** Heights in pixels of the lines of capitals in a thumbnail that is 320 wide, by the rows that hold white. */
async function linesAt320(jpeg: Buffer): Promise<number[]> {
  const [width, height] = [320, 180];
  const ctx = createCanvas(width, height).getContext('2d');
  ctx.drawImage(await loadImage(jpeg), 0, 0, width, height);
  const { data } = ctx.getImageData(0, 0, width, height);
  const heights = [0];
  for (let y = 0; y < height; y += 1) {
    const row = data.subarray(4 * width * y, 4 * width * (y + 1));
    const white = row.some((red, x) => x % 4 === 0 && Math.min(red, row[x + 1] ?? 0, row[x + 2] ?? 0) > 200);
    if (white) heights.push((heights.pop() ?? 0) + 1);
    else if (heights.at(-1) !== 0) heights.push(0);
  }
  return heights.filter((each) => each > 0);
}

test.each([
  ['over a white frame', 'white'],
  ['over a drawn background', null],
] as const)('a title of 99 letters is whole and readable at 320 pixels: %s', async (_, colour) => {
  const title =
    'HOW THE DEEPEST PLACES OF THE SEA WERE MAPPED BY PEOPLE WHO HAD NEVER SEEN THEM AND WHY IT MATTERE';
  const canvas = createCanvas(THUMBNAIL.width, THUMBNAIL.height);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = colour ?? 'black';
  ctx.fillRect(0, 0, THUMBNAIL.width, THUMBNAIL.height);
  const photo = colour && (await loadImage(await canvas.encode('png')));
  const drawnWith = (last: string) => {
    const script = { title: `${title}${last}`, description: '', tags: [], language: 'en', scenes: [] };
    expect(script.title).toHaveLength(99);
    return drawThumbnail({ ...script, source: 'script' }, photo);
  };
  const jpeg = await drawnWith('D');
  const lines = await linesAt320(jpeg);
  expect(lines.length).toBeLessThanOrEqual(5);
  expect(Math.min(...lines)).toBeGreaterThanOrEqual(10);
  expect(jpeg.equals(await drawnWith('N')), 'its last letter is shown').toBe(false);
});

test('the thumbnail over a frame is a JPEG of 1280x720 under 2 MB', async () => {
  const frame = await frameOf([clips[2]]);
  const script = {
    title: 'The deep sea',
    description: '',
    tags: [],
    language: 'en',
    source: 'script',
    scenes: [],
  };
  const jpeg = await drawThumbnail({ ...script, source: 'script' }, frame);
  expect(jpeg.length).toBeLessThan(2_000_000);
  expect(await loadImage(jpeg)).toMatchObject(THUMBNAIL);
});
