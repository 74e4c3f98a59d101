import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorKind, StageError } from '../../domain/errors.ts';
import { MAX_RUNS } from '../../domain/release.ts';
import { MAX_WORKER_LOSSES, STAGE_NAMES, STAGES } from '../../domain/stages.ts';
import { fakeProduct, untilAborted } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create();
});

afterAll(() => pipeline.close());

test('a failing stage is tried once more than its retries, in three runs, and then the video fails', async () => {
  await Promise.all(
    STAGE_NAMES.map(async (stage) => {
      const tries = failing('missing_data');
      const videoId = await pipeline.submit({}, { [stage]: tries.work });
      // Dozens of attempts at once, with their pauses.
      const view = await pipeline.ended(videoId, 100_000);
      expect(view).toMatchObject({ status: 'failed', reason: 'missing_data', stage });
      expect(tries.count()).toBe(MAX_RUNS * (STAGES[stage].retries + 1));
      expect(view.errors).toHaveLength(MAX_RUNS * (STAGES[stage].retries + 1));
      expect(view.retry_count).toBe(MAX_RUNS - 1);
      expect(await pipeline.temporalStatus(videoId)).toBe('FAILED');
    }),
  );
});

test('a failure that cannot heal is tried once', async () => {
  const tries = failing('invalid_input');
  const videoId = await pipeline.submit({}, { script_generation: tries.work });
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'failed', reason: 'invalid_input' });
  expect(tries.count()).toBe(1);
});

test('a stage that works at its last attempt lets the video go on', async () => {
  let tries = 0;
  const videoId = await pipeline.submit(
    {},
    {
      quality_validation: async () => {
        tries += 1;
        if (tries === 1) throw new StageError('process_failed', 'on purpose');
        return fakeProduct('quality_validation');
      },
    },
  );
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
});

test('a fatal failure of one stage stops the one beside it', async () => {
  let stopped = false;
  const begun = latch();
  const videoId = await pipeline.submit(
    {},
    {
      audio_synthesis: async () => {
        await begun.opened;
        throw new StageError('provider_account', 'no balance');
      },
      media_collection: (context) => {
        begun.open();
        return untilAborted(context).finally(() => {
          stopped = true;
        });
      },
    },
  );
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'failed', reason: 'provider_account', stage: 'audio_synthesis' });
  expect(stopped).toBe(true);
});

test('a failure that could heal lets the stage beside it finish', async () => {
  const failed = latch();
  let tries = 0;
  const videoId = await pipeline.submit(
    {},
    {
      audio_synthesis: async () => {
        tries += 1;
        if (tries > STAGES.audio_synthesis.retries) failed.open();
        throw new StageError('process_failed', 'on purpose');
      },
      media_collection: async () => {
        await failed.opened;
        return fakeProduct('media_collection');
      },
    },
  );
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'failed', stage: 'audio_synthesis' });
  const { rows } = await pipeline.deps.pool.query('SELECT stage FROM stage_results WHERE video_id = $1', [
    videoId,
  ]);
  expect(rows.map(({ stage }) => stage)).toContain('media_collection');
});

test('a fatal failure decides also when a failure that could heal came before it', async () => {
  const healable = latch();
  let narrations = 0;
  const videoId = await pipeline.submit(
    {},
    {
      audio_synthesis: async () => {
        narrations += 1;
        await healable.opened;
        throw new StageError('invalid_input', 'on purpose');
      },
      media_collection: failing('process_failed').work,
    },
  );
  await eventually(
    () => pipeline.handle(videoId).fetchHistory(),
    ({ events }) => events?.some((event) => event.activityTaskFailedEventAttributes) ?? false,
  );
  healable.open();
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'failed', reason: 'invalid_input', stage: 'audio_synthesis' });
  expect([view.retry_count, narrations]).toEqual([0, 1]);
});

test('a worker that shuts down uses up no retry, and another one goes on', async () => {
  let tries = 0;
  const videoId = await pipeline.submit(
    {},
    {
      video_rendering: async (context) => {
        tries += 1;
        if (tries <= STAGES.video_rendering.retries + 1) return untilAborted(context);
        return fakeProduct('video_rendering');
      },
    },
  );
  for (let restart = 1; restart <= STAGES.video_rendering.retries + 1; restart += 1) {
    await eventually(
      () => tries,
      (count) => count >= restart,
    );
    await pipeline.stopWorkers();
    await pipeline.startWorkers();
  }
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'completed', errors: [] });
});

test('a stage that more than five workers died in ends its video, and is not begun again', async () => {
  const begun = latch();
  let renders = 0;
  const videoId = await pipeline.submit(
    {},
    {
      media_collection: async () => {
        await begun.opened;
        return fakeProduct('media_collection');
      },
      video_rendering: async () => {
        renders += 1;
        return fakeProduct('video_rendering');
      },
    },
  );
  await pipeline.until(videoId, ({ stage }) => stage === 'media_collection' || stage === 'audio_synthesis');
  await pipeline.deps.pool.query(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, lane, run_id, activity_id, attempt, worker,
       ended_at, outcome, kind)
     SELECT $1::uuid, 'video_rendering', 1, 1, 'cpu', $1::text || '/' || n, 'a', n, 'w', now(), 'worker_lost', 'worker_lost'
     FROM generate_series(1, $2::integer) AS n`,
    [videoId, MAX_WORKER_LOSSES + 1],
  );
  begun.open();
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'failed', reason: 'worker_lost', stage: 'video_rendering' });
  expect(renders).toBe(0);
});

function failing(kind: ErrorKind) {
  let tries = 0;
  return {
    count: () => tries,
    work: (): Promise<never> => {
      tries += 1;
      return Promise.reject(new StageError(kind, 'on purpose'));
    },
  };
}
