import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCard } from '../../../activities/gpu-card.ts';
import { NVIDIA_ENCODER } from '../../../activities/providers/renderer.ts';
import { encodingFault } from '../../../activities/providers/renderer-ffmpeg.ts';
import { createVideoRendering } from '../../../activities/video-rendering.ts';
import { readEnv } from '../../../infra/settings/env.ts';
import { FakeCard } from '../../support/fakes/graphics-card.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import { storeSyntheticVideo } from '../../support/synthetic-video.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const { FFMPEG_PATH: ffmpeg = 'ffmpeg', FFPROBE_PATH: ffprobe = 'ffprobe' } = readEnv();
const fake = new FakeCard(ffmpeg);
let deps: TestDeps;
let stage: TestStage;

beforeAll(async () => {
  deps = await createTestDeps({
    tools: { ffmpeg: fake.ffmpeg, ffprobe },
    machine: { nvidiaSmi: fake.nvidiaSmi },
  });
  stage = await testStage();
  await storeSyntheticVideo(stage, [{ text: 'One short scene', ms: 400 }]);
});

afterAll(async () => {
  fake.remove();
  await stage.remove();
  await deps.close();
});

const results = () => stage.context.results;
const render = (one: TestStage) => createVideoRendering(deps.config.tools, 2, 0)(one.context);

describe('a render on a graphics card', () => {
  test('is done by the encoder that encoded a frame at the start', async () => {
    const card = await openCard(deps);
    expect(card).toMatchObject({ id: fake.uuid, encoder: { name: 'h264_nvenc' } });
    const { result, providers } = await render(await stage.again({ results: results(), card }));
    expect(result).toMatchObject({ encoder: 'h264_nvenc', frames: 12 });
    expect(providers).toEqual({ renderer: 'ffmpeg h264_nvenc' });
  });

  test('that the card cannot encode is done in software, with a warning, while the card works', async () => {
    const broken = { ...NVIDIA_ENCODER, args: [...NVIDIA_ENCODER.args, '-no_such_option', '1'] };
    const again = await stage.again({
      results: results(),
      card: { encoder: broken, check: async () => null },
    });
    expect((await render(again)).result.encoder).toBe('libx264');
    expect(again.warnings).toMatchObject([{ code: 'encoder_fallback' }]);
  });

  test('fails as gpu_lost when the card has stopped encoding, and whoever listens knows it by then', async () => {
    const card = await openCard(deps);
    let heard: string | null = null;
    card?.onChange(async () => {
      heard = card.trouble();
    });
    const again = await stage.again({ results: results(), card });
    again.context.kept = { ...again.context.kept, find: async () => null };
    fake.fallOff();
    await expect(render(again)).rejects.toMatchObject({ kind: 'gpu_lost' });
    expect(heard).toContain('No capable devices found');
    expect(again.warnings).toEqual([]);
    fake.comeBack();
    expect(await card?.check()).toBeNull();
    expect(heard).toBeNull();
  });

  test('is not held up by a trial that hangs: the card is at fault, and tried again once the trial has ended', async () => {
    const fault = (ms: number) => encodingFault(fake.ffmpeg, NVIDIA_ENCODER, ms);
    fake.hang();
    const hangs = 'the trial of h264_nvenc hangs: no answer within';
    expect([await fault(2_000), await fault(0), fake.hangers()]).toEqual([`${hangs} 5 s`, `${hangs} 3 s`, 1]);
    fake.comeBack();
    await expect.poll(() => fault(10_000)).toBeNull();
  });

  test('needs a card that encodes: without one the lane works in software', async () => {
    expect(
      await openCard({ ...deps, config: { ...deps.config, tools: { ...deps.config.tools, ffmpeg } } }),
    ).toBeNull();
  });
});
