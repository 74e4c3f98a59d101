import { loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharpestFrame } from '../../../activities/thumbnail/frames.ts';
import { sharpnessOf } from '../../../activities/thumbnail/sharpness.ts';
import { drawThumbnail, THUMBNAIL } from '../../../activities/thumbnail.ts';
import type { Clip, SceneMedia } from '../../../domain/results.ts';
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

function frameOf(shown: readonly (Clip | undefined)[]) {
  const scenes = shown.map((clip) => ({ kind: 'footage', clips: [clip] }) as unknown as SceneMedia);
  return sharpestFrame(stage.context, 'ffmpeg', { scenes }, THUMBNAIL);
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

test('a clip that gives no frame, and a video of cards, get a drawn background', async () => {
  const [plain] = clips;
  expect(
    await frameOf([plain && { ...plain, file: await stage.store('package.json', 'media/x.mp4') }]),
  ).toBeNull();
  expect(await frameOf([])).toBeNull();
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
