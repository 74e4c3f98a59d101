import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../../../activities/providers/probe-ffprobe.ts';
import { createQualityValidation } from '../../../activities/quality-validation.ts';
import type { StageProduct } from '../../../activities/stage.ts';
import { createVideoRendering } from '../../../activities/video-rendering.ts';
import { frameTimes } from '../../support/measure.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import {
  MOVING,
  type SyntheticScene,
  showClips,
  storeClips,
  storeSyntheticVideo,
} from '../../support/synthetic-video.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', ttsPython: null, espeak: null };
const run = promisify(execFile);

const SCENES: SyntheticScene[] = [
  { text: 'The sea is deep and dark', ms: 1240 },
  { text: 'No light comes down here', ms: 1310 },
  { text: 'Yet life goes on', ms: 1015 },
];

const open: TestStage[] = [];

async function opened(scenes = SCENES): Promise<TestStage> {
  const stage = await testStage();
  open.push(stage);
  await storeSyntheticVideo(stage, scenes);
  return stage;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((stage) => stage.remove()));
});

describe('rendering a video', () => {
  let stage: TestStage;
  let first: StageProduct<'video_rendering'>;

  beforeAll(async () => {
    stage = await testStage();
    await storeSyntheticVideo(stage, SCENES);
    first = await createVideoRendering(tools, 2, 0)(stage.context);
    stage.context.results.video_rendering = first.result;
  });

  afterAll(() => stage.remove());

  test('gives a file with every promised property', async () => {
    const { result, providers } = first;
    expect(result).toMatchObject({ frames: 107, encoder: 'libx264', segmentsRendered: 3, segmentsReused: 0 });
    expect(providers).toEqual({ renderer: 'ffmpeg libx264' });
    const path = await stage.context.fetch(result.video);
    const facts = await probe('ffprobe', path, stage.context.signal);
    expect(facts.video).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', width: 1920, height: 1080 });
    expect(facts.video).toMatchObject({ nb_frames: '107', nb_read_packets: '107', avg_frame_rate: '30/1' });
    expect(facts.video).toMatchObject({ color_space: 'bt709', color_primaries: 'bt709', color_range: 'tv' });
    expect(facts.audio).toMatchObject({ codec_name: 'aac', sample_rate: '48000', channels: 2 });
    expect(facts.boxes.indexOf('moov')).toBeLessThan(facts.boxes.indexOf('mdat'));
    expect(await frameTimes(path)).toEqual(Array.from({ length: 107 }, (_, i) => i * 512));
    const shares = stage.progress.map(({ share }) => share);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(stage.progress.map(({ note }) => note)).toContain('scene 2 of 3');
  });

  test('the quality stage agrees that nothing is wrong', async () => {
    const quality = await createQualityValidation(tools)(stage.context);
    expect(quality.result.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(quality.result.score).toBe(1);
    expect(stage.warnings).toEqual([]);
  });

  test('a second attempt encodes only the scenes that are missing', async () => {
    const kept = await readdir(join(stage.root, 'kept'));
    expect(kept).toHaveLength(3);
    const again = await stage.again({ results: stage.context.results });
    again.context.kept = {
      ...again.context.kept,
      find: async (name) => (name === kept[0] ? null : stage.context.kept.find(name)),
    };
    const second = await createVideoRendering(tools, 2, 0)(again.context);
    expect(second.result).toMatchObject({ segmentsRendered: 1, segmentsReused: 2 });
    expect(second.result.frames).toBe(first.result.frames);
  });
});

describe('a render that cannot finish or must not obey', () => {
  test('an abort ends ffmpeg long before its scene is drawn and keeps what was finished', async () => {
    const stage = await opened([
      { text: 'A short first scene', ms: 600 },
      { text: 'A long second one', ms: 60_000 },
    ]);
    showClips(stage, 1, await storeClips(stage, [{ ...MOVING, name: 'short' }]));
    const render = createVideoRendering(tools, 1, 0)(stage.context);
    const reason = new Error('cancelled by the test');
    let abortedAt = 0;
    stage.context.progress = (_, note) => {
      if (note !== 'scene 2 of 2' || abortedAt > 0) return;
      abortedAt = Date.now();
      stage.abort(reason);
    };
    await expect(render).rejects.toBe(reason);
    expect(Date.now() - abortedAt).toBeLessThan(15_000);
    expect(await processesNaming(stage.context.workDir)).toEqual([]);
    expect(await readdir(join(stage.root, 'kept'))).toHaveLength(1);
  });

  test('too little free disk is said before anything is drawn', async () => {
    const stage = await opened();
    await expect(createVideoRendering(tools, 1, 2 ** 60)(stage.context)).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(/^only \d+ MB of disk are free/u),
    });
  });

  test('marks and foreign letters in the text are shown, not obeyed', async () => {
    const hostile = '{\\an8}top "quoted" 100% \\N back\\slash it\'s שלום مرحبا 🎉 a:b,c;d [e]';
    const stage = await opened([{ text: hostile, ms: 1500 }]);
    const { result } = await createVideoRendering(tools, 2, 0)(stage.context);
    expect(result.frames).toBe(45);
    const video = await stage.context.fetch(result.video);
    expect(await brightShare(video, 'crop=1920:200:0:0')).toBeLessThan(0.001);
    expect(await brightShare(video, 'crop=1920:260:0:800')).toBeGreaterThan(0.005);
  });
});

/** Share of near-white pixels in a part of the frame at 0.9 s. */
async function brightShare(path: string, crop: string): Promise<number> {
  const args = ['-v', 'error', '-ss', '0.9', '-i', path, '-frames:v', '1', '-vf', `${crop},format=gray`];
  const { stdout } = await run('ffmpeg', [...args, '-f', 'rawvideo', '-'], {
    encoding: 'buffer',
    maxBuffer: 8_000_000,
  });
  return stdout.filter((value) => value > 225).length / stdout.length;
}

async function processesNaming(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const commands = await Promise.all(
    ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  const folder = await stat(text);
  return folder.isDirectory() ? commands.filter((command) => command.includes(text)) : [];
}
