import { afterAll, beforeAll, expect, test } from 'vitest';
import { StageError } from '../../domain/errors.ts';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { emergencyHalt, pauseAll, pauseVideo, resumeAll, resumeVideo } from '../../infra/moves/pause.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { fakeProduct, untilAborted } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create({ places: { cpu: 4, gpu: 3 } });
});

afterAll(() => pipeline.close());

/** Work of a stage that waits inside until it is let go on. */
function held<T extends 'script_generation' | 'video_rendering'>(stage: T) {
  const [begun, go] = [latch(), latch()];
  let runs = 0;
  const work = async () => {
    runs += 1;
    begun.open();
    await go.opened;
    return fakeProduct(stage);
  };
  return { begun, go, work, runs: () => runs };
}

test('a run that fails is followed by another from the failed stage, which may end well', async () => {
  const tries = { script: 0, render: 0 };
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => {
        tries.script += 1;
        return fakeProduct('script_generation');
      },
      video_rendering: async () => {
        tries.render += 1;
        if (tries.render <= 2) throw new StageError('process_failed', 'on purpose');
        return fakeProduct('video_rendering');
      },
    },
  );
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', retry_count: 1 });
  expect(tries).toEqual({ script: 1, render: 3 });
});

test('a provider that asks for a long wait costs no run, and the place is given back meanwhile', async () => {
  let tries = 0;
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => {
        tries += 1;
        if (tries === 1) throw new StageError('rate_limited', 'come back later', { retryAfterMs: 61_000 });
        return fakeProduct('script_generation');
      },
    },
  );
  const waiting = await pipeline.until(
    videoId,
    ({ status, reason }) => status === 'queued' && reason === 'retry_after',
  );
  expect(waiting).toMatchObject({ waiting_for: 'not_before', retry_count: 0 });
  await pipeline.deps.pool.query('UPDATE video_queue SET not_before = NULL WHERE id = $1', [videoId]);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(tries).toBe(2);
});

test('one video that is paused gives its place back at the next border, and goes on where it was', async () => {
  const script = held('script_generation');
  const videoId = await pipeline.submit({}, { script_generation: script.work });
  await script.begun.opened;
  await pauseVideo(pipeline.deps, videoId, 'test');
  script.go.open();
  const paused = await pipeline.until(videoId, ({ status }) => status === 'queued');
  expect(paused).toMatchObject({ waiting_for: 'paused', reason: 'paused', retry_count: 0 });
  await resumeVideo(pipeline.deps, videoId, 'test');
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(script.runs()).toBe(1);
});

test('a pause of all lets running stages finish, starts nothing new, and a resume goes on', async () => {
  const script = held('script_generation');
  const begun = latch();
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: script.work,
      media_collection: async () => {
        begun.open();
        return fakeProduct('media_collection');
      },
    },
  );
  await script.begun.opened;
  await pauseAll(pipeline.deps, 'test');
  const later = await pipeline.submit();
  script.go.open();
  await pipeline.until(videoId, ({ progress }) => progress > 0);
  const status = await eventually(
    () => pipeline.handle(videoId).query<{ paused: boolean; stages: string[] }>('status'),
    ({ paused }) => paused,
  );
  expect(status).toMatchObject({ paused: true });
  expect(begun.isOpen()).toBe(false);
  expect(await readVideo(pipeline.deps, later)).toMatchObject({ status: 'queued', waiting_for: 'paused' });
  await resumeAll(pipeline.deps, 'test');
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  expect(await pipeline.ended(later)).toMatchObject({ status: 'completed' });
});

test('a late pause does not stop a video that was resumed after it', async () => {
  const script = held('script_generation');
  const videoId = await pipeline.submit({}, { script_generation: script.work });
  await script.begun.opened;
  const handle = pipeline.handle(videoId);
  await handle.signal('pipelineControl', { version: 1_000, paused: false, video_paused: false });
  await handle.signal('pipelineControl', { version: 999, paused: true, video_paused: false });
  script.go.open();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
});

test('a cancel reaches a video between two of its runs', async () => {
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => {
        throw new StageError('rate_limited', 'come back later', { retryAfterMs: 3_600_000 });
      },
    },
  );
  await pipeline.until(videoId, ({ status, reason }) => status === 'queued' && reason === 'retry_after');
  await cancelVideo(pipeline.deps, videoId, 'test');
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
});

test('an operator retries a failed video from the stage where it failed', async () => {
  const tries = { script: 0, render: 0 };
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => {
        tries.script += 1;
        return fakeProduct('script_generation');
      },
      video_rendering: async () => {
        tries.render += 1;
        if (tries.render === 1) throw new StageError('invalid_input', 'on purpose');
        return fakeProduct('video_rendering');
      },
    },
  );
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'failed' });
  await pipeline.temporalStatus(videoId);
  await retryVideo(pipeline.deps, videoId, 'test');
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  expect(tries).toEqual({ script: 1, render: 2 });
});

test('a halt ends what runs and what waits, and the row says why', async () => {
  const running = await Promise.all(
    Array.from({ length: 4 }, () => pipeline.submit({}, { script_generation: untilAborted })),
  );
  const waiting = await Promise.all(Array.from({ length: 6 }, () => pipeline.submit()));
  await pipeline.until(running[0] ?? '', ({ stage }) => stage === 'script_generation');
  await emergencyHalt(pipeline.deps, 'test');
  for (const videoId of [...running, ...waiting]) {
    const view = await pipeline.ended(videoId);
    if (view.status !== 'completed')
      expect(view).toMatchObject({ status: 'cancelled', reason: 'emergency_halt' });
  }
  expect(await readVideo(pipeline.deps, running[0] ?? '')).toMatchObject({ status: 'cancelled' });
  await resumeAll(pipeline.deps, 'test');
});
