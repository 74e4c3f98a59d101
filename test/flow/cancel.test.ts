import { afterAll, beforeAll, expect, test } from 'vitest';
import { StageError } from '../../domain/errors.ts';
import { pauseAll, resumeAll } from '../../infra/moves/pause.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { untilAborted } from '../support/fake-works.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create({ places: { cpu: 1, gpu: 1 } });
});

afterAll(() => pipeline.close());

test('an operator cancels a video that is made, and one that waits for its place', async () => {
  const stopped: string[] = [];
  const running = await pipeline.submit(
    {},
    {
      audio_synthesis: async (context) => untilAborted(context).finally(() => stopped.push('audio')),
      media_collection: async (context) => untilAborted(context).finally(() => stopped.push('media')),
    },
  );
  const waiting = await pipeline.submit();
  await pipeline.until(running, ({ stage }) => stage === 'audio_synthesis' || stage === 'media_collection');

  await pipeline.handle(waiting).cancel();
  expect(await pipeline.ended(waiting)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
  expect(await pipeline.temporalStatus(waiting)).toBe('CANCELLED');

  await pipeline.handle(running).cancel();
  expect(await pipeline.ended(running)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
  expect(await pipeline.temporalStatus(running)).toBe('CANCELLED');
  expect(stopped.sort()).toEqual(['audio', 'media']);
});

test('a retried video that waits is cancelled in Temporal like any other, and is not made', async () => {
  const bad = () => Promise.reject(new StageError('invalid_input', 'a bad order'));
  const videoId = await pipeline.submit({}, { script_generation: bad });
  await pipeline.ended(videoId);
  expect(await pipeline.temporalStatus(videoId)).toBe('FAILED');
  await pauseAll(pipeline.deps, 'test');
  await retryVideo(pipeline.deps, videoId, 'test');
  await pipeline.handle(videoId).cancel();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  await resumeAll(pipeline.deps, 'test');
});

test('a cancelled video gives its place to the next one', async () => {
  const first = await pipeline.submit({}, { script_generation: untilAborted });
  const second = await pipeline.submit();
  await pipeline.until(first, ({ stage }) => stage === 'script_generation');
  expect(await pipeline.until(second, () => true)).toMatchObject({ status: 'queued', position: 1 });
  await pipeline.handle(first).cancel();
  expect(await pipeline.ended(second)).toMatchObject({ status: 'completed' });
});

test('a stage stops within seconds of the cancel, not after the 8 s that the SDK would hold heartbeats back', async () => {
  let stoppedAt = 0;
  const videoId = await pipeline.submit(
    {},
    {
      video_rendering: (context) =>
        untilAborted(context).finally(() => {
          stoppedAt = performance.now();
        }),
    },
  );
  await pipeline.until(videoId, ({ stage }) => stage === 'video_rendering');
  const cancelledAt = performance.now();
  await pipeline.handle(videoId).cancel();
  await eventually(
    () => stoppedAt,
    (at) => at > 0,
  );
  expect(stoppedAt - cancelledAt).toBeLessThan(4_000);
  await pipeline.ended(videoId);
});
