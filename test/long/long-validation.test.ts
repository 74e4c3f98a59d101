import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createQualityValidation } from '../../activities/quality-validation.ts';
import { MAX_DURATION_S } from '../../domain/order-limits.ts';
import { STAGES } from '../../domain/stages.ts';
import { type TestStage, testStage } from '../support/stage-context.ts';
import { BT709, ffmpeg, storeSyntheticVideo } from '../support/synthetic-video.ts';

const tools = { ffprobe: 'ffprobe', ttsPython: null, espeak: null };
const SCENE_S = 20;
const SCENES = Array.from({ length: MAX_DURATION_S / SCENE_S }, (_, i) => ({
  text: `This is what scene ${i + 1} says`,
  ms: SCENE_S * 1000,
}));

let stage: TestStage;
beforeAll(async () => {
  stage = await testStage();
  await storeSyntheticVideo(stage, SCENES);
});
afterAll(() => stage.remove());

/** Ten minutes of 1080p with as much in it as footage has: twenty seconds, copied behind themselves. */
async function tenMinutes(): Promise<string> {
  const [part, whole] = [join(stage.root, 'part.mp4'), join(stage.root, 'whole.mp4')];
  const picture = `testsrc2=size=1920x1080:rate=30:duration=${SCENE_S},noise=alls=12:allf=t`;
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-b:v',
    '6M',
    '-g',
    '60',
    '-pix_fmt',
    'yuv420p',
  ];
  await ffmpeg(['-f', 'lavfi', '-i', picture], [...encoder, ...BT709, part]);
  const narration = await stage.context.fetch(need().narration);
  await ffmpeg(
    ['-stream_loop', String(SCENES.length - 1), '-i', part, '-i', narration],
    [...['-c:v', 'copy', '-c:a', 'aac', '-b:a', '192k', '-ac', '2', '-movflags', '+faststart', whole]],
  );
  return whole;
}

/** An ffmpeg that is ended once it has taken so many seconds of a processor, whatever else the machine does. */
async function limitedFfmpeg(seconds: number): Promise<string> {
  const path = join(stage.root, 'ffmpeg-limited');
  await writeFile(path, `#!/bin/sh\nulimit -t ${seconds}\nexec ffmpeg "$@"\n`, { mode: 0o755 });
  return path;
}

function need() {
  const { audio_synthesis } = stage.context.results;
  if (!audio_synthesis) throw new Error('no narration');
  return audio_synthesis;
}

test('the longest video is validated within the limit of its stage', async () => {
  const video = await stage.store(await tenMinutes(), 'render/long.mp4');
  const { durationMs } = need();
  stage.context.results.video_rendering = {
    ...{ video, durationMs, frames: (durationMs * 30) / 1000, encoder: 'libx264' },
    ...{ segmentsRendered: SCENES.length, segmentsReused: 0 },
  };
  const limited = await limitedFfmpeg(STAGES.quality_validation.limitMs / 1000);
  const { result } = await createQualityValidation({ ...tools, ffmpeg: limited })(stage.context);
  expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
});
