import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createQualityValidation } from '../../../activities/quality-validation.ts';
import { need } from '../../../activities/stage.ts';
import { rejectionOf } from '../../../domain/quality.ts';
import type { Clip, QualityResult } from '../../../domain/results.ts';
import type { ArtifactRef } from '../../../domain/video.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import { defectsIn, SECONDS } from './defects.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', ttsPython: null, espeak: null };
const WORDS = ['Nothing', 'is', 'wrong', 'here'];

let stage: TestStage;
let defects: ReturnType<typeof defectsIn>;
let good: string;

beforeAll(async () => {
  stage = await testStage({ order: { aspect: '1:1' } });
  defects = defectsIn(stage.root);
  good = await defects.good();
});

afterAll(() => stage.remove());

test('a good video passes every row of the table', async () => {
  const result = await validate(good);
  expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(result.score).toBe(1);
  expect(rejectionOf(result)).toBeNull();
  expect(stage.warnings).toEqual([]);
});

test('a night is dark and not black', async () => {
  const { checks } = await validate(await defects.night());
  expect(checks.find(({ name }) => name === 'black')).toMatchObject({ ok: true });
});

describe('a defect is named with its value, its bound and the stage that mends it', () => {
  const cases: [string, () => Promise<string>, Record<string, [unknown, string]>, string | null][] = [
    ['two seconds of black', () => defects.black(), { black: [near(2, 0.1), '≤ 0.5'] }, 'video_rendering'],
    [
      'a frozen tail under moving captions',
      () => defects.frozenTail(),
      { frozen: [near(6, 0.2), '≤ 5'] },
      null,
    ],
    [
      'four seconds of silence',
      () => defects.silent(),
      { silence: [near(4, 0.1), '≤ 3'] },
      'audio_synthesis',
    ],
    [
      'sound that is too quiet',
      () => defects.quiet(),
      { loudness: [near(-23.5, 1), '-14 ± 1'] },
      'audio_synthesis',
    ],
    [
      'sound that is too loud',
      () => defects.loud(),
      { loudness: [near(-9.3, 0.3), '-14 ± 1'] },
      'audio_synthesis',
    ],
    ['a clipped peak', () => defects.clipped(), { true_peak: [near(0.7, 1), '< -1'] }, 'audio_synthesis'],
    [
      'a picture that ends two seconds early',
      () => defects.shortPicture(),
      { video_duration: [near(SECONDS - 2, 0.1), `${SECONDS} ± 0.15`], frames: [180, '240'] },
      'video_rendering',
    ],
    [
      'sound half as long as the picture',
      () => defects.shortSound(),
      { audio_duration: [near(SECONDS / 2, 0.1), `${SECONDS} ± 0.15`] },
      'video_rendering',
    ],
    [
      'sound on one channel',
      () => defects.mono(),
      { audio_stream: ['aac 48000 Hz 1 ch', 'aac 48000 Hz 2 ch'] },
      'video_rendering',
    ],
    [
      'a truncated file that claims its whole length',
      () => defects.truncated(),
      { video_packets: [expect.any(Number), '240'], audio_packets: [expect.any(Number), expect.any(String)] },
      'video_rendering',
    ],
    [
      'a file without its index',
      () => defects.unreadable(),
      { container: [expect.stringContaining('moov atom not found'), 'readable'] },
      'video_rendering',
    ],
    [
      'a broken frame in the middle',
      () => defects.broken(),
      { decoding: [expect.stringMatching(/^ffmpeg failed \(exit code \d+\): /u), 'plays'] },
      'video_rendering',
    ],
    [
      'next to nothing in the file',
      () => defects.thin(),
      { bit_rate: [near(20_000, 19_000), '40000 to 24000000'] },
      'video_rendering',
    ],
    [
      'the wrong frame size',
      () => defects.small(),
      { video_stream: ['h264 yuv420p 640x640 30/1', 'h264 yuv420p 1080x1080 30/1'] },
      'video_rendering',
    ],
    [
      'missing colour tags',
      () => defects.untagged(),
      { colours: [expect.stringContaining('untagged'), 'bt709 bt709 bt709 tv'] },
      'video_rendering',
    ],
    [
      'an index at the end',
      () => defects.indexLast(),
      { index: ['ftyp free mdat moov', 'moov before mdat'] },
      'video_rendering',
    ],
  ];

  test.each(cases)('%s', async (_, make, failed, mend) => {
    const result = await validate(await make());
    const found = result.checks
      .filter(({ ok }) => !ok)
      .map(({ name, value, bound }) => [name, [value, bound]]);
    expect(Object.fromEntries(found)).toMatchObject(failed);
    expect(rejectionOf(result)?.mend ?? null).toBe(mend);
  });
});

test('a video above two minutes is judged by its keyframes, and black and stillness still show', async () => {
  const times = Math.ceil(125 / SECONDS);
  for (const [make, name, seconds] of [
    [defects.black, 'black', 2 * times],
    [defects.frozenTail, 'frozen', 6],
  ] as const) {
    const result = await validate(await defects.long(await make(), times), times);
    const check = result.checks.find((each) => each.name === name);
    expect(check).toMatchObject({ ok: false, value: near(seconds, seconds / 3) });
  }
});

test('a clip that comes twice is a warning', async () => {
  const { context, warnings } = await withVideo(good);
  const [scene] = need(context, 'media_collection').scenes;
  if (scene?.kind !== 'footage') throw new Error('no footage');
  const [clip] = scene.clips;
  if (!clip) throw new Error('no clip');
  const other = { ...clip, file: { ...clip.file, sha256: 'another' } };
  context.results.media_collection = { scenes: [scene, { ...scene, clips: [other, clip] }] };
  const { result } = await createQualityValidation(tools)(context);
  expect(result.checks.filter(({ ok }) => !ok)).toMatchObject([{ name: 'repeated_clips', value: 1 }]);
  expect(rejectionOf(result)).toBeNull();
  expect(warnings.at(-1)).toMatchObject({ code: 'quality_repeated_clips' });
});

test('a missing tool is no fault of the video', async () => {
  const broken = createQualityValidation({ ...tools, ffprobe: '/nowhere/ffprobe' });
  await expect(broken((await withVideo(good)).context)).rejects.toMatchObject({ kind: 'process_failed' });
});

function clipOf(file: ArtifactRef): Clip {
  const licence = { source: 'test', id: '1', author: 'A', licence: 'own', sha256: file.sha256 };
  return { file, durationMs: 8000, width: 1080, height: 1080, fps: 30, colorSpace: 'bt709', licence };
}

function near(value: number, tolerance: number) {
  return {
    asymmetricMatch: (actual: unknown) => typeof actual === 'number' && Math.abs(actual - value) <= tolerance,
    toString: () => `${value} ± ${tolerance}`,
  };
}

async function validate(path: string, times = 1): Promise<QualityResult> {
  const { context } = await withVideo(path, times);
  return (await createQualityValidation(tools)(context)).result;
}

/** The stage's world with this file as the render, and a narration of the length that it should have. */
async function withVideo(path: string, times = 1): Promise<TestStage> {
  const durationMs = SECONDS * 1000 * times;
  const video = await stage.store(path, `render/${path.split('/').at(-1)}`);
  const step = durationMs / WORDS.length;
  const words = WORDS.map((text, i) => ({ text, startMs: i * step, endMs: (i + 1) * step }));
  stage.context.results = {
    audio_synthesis: {
      narration: video,
      durationMs,
      sceneStartsMs: [0],
      sentences: [{ text: WORDS.join(' '), scene: 0, startMs: 0, endMs: durationMs, words }],
      loudnessLufs: -14,
      truePeakDbtp: -2,
      voice: 'test',
    },
    media_collection: { scenes: [{ kind: 'footage', overlay: video, clips: [clipOf(video)] }] },
    video_rendering: {
      video,
      durationMs,
      frames: (durationMs * 30) / 1000,
      encoder: 'libx264',
      segmentsRendered: 1,
      segmentsReused: 0,
    },
  };
  return stage;
}
