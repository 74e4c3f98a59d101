import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageWorks } from '../../activities/index.ts';
import type { SpendState } from '../../domain/budget.ts';
import { SPEND_QUERY } from '../../domain/contract.ts';
import { StageError } from '../../domain/errors.ts';
import { parseDollars } from '../../domain/money.ts';
import type { Deps } from '../../infra/deps.ts';
import { recordExternalCharge } from '../../infra/money/ledger.ts';
import { changeVideo } from '../../infra/moves/change.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { createBarrier } from '../support/barrier.ts';
import { fakeProduct, gpuSeconds, untilAborted } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;
let ceiling: Deps;

beforeAll(async () => {
  pipeline = await TestPipeline.create();
  const { config } = pipeline.deps;
  ceiling = {
    ...pipeline.deps,
    config: { ...config, money: { ...config.money, costCeiling: parseDollars(5) } },
  };
});

afterAll(() => pipeline.close());

const raise = (videoId: string, dollars: number) =>
  changeVideo(ceiling, videoId, 'anna', { max_cost: parseDollars(dollars) });

/** Counts the runs of each stage; the seconds of a gpu slot at $0.0003 are what a stage costs. */
function counted(seconds: Partial<Record<keyof StageWorks, number>>) {
  const runs: string[] = [];
  const work = <T extends keyof StageWorks>(stage: T) =>
    (async () => {
      runs.push(stage);
      return { ...fakeProduct(stage), usage: gpuSeconds(seconds[stage] ?? 0) };
    }) as unknown as StageWorks[T];
  return {
    runs,
    works: {
      script_generation: work('script_generation'),
      audio_synthesis: work('audio_synthesis'),
      media_collection: work('media_collection'),
    },
  };
}

test('a video that ended at its cap is retried once the cap has room for its next stage, and pays nothing again', async () => {
  const { runs, works } = counted({ script_generation: 9_100 });
  const videoId = await pipeline.submit({}, works);
  const ended = await pipeline.ended(videoId);
  expect(ended).toMatchObject({ reason: 'cost_limit', stage: 'audio_synthesis', actual_cost: 2.73 });
  // $2.73 are spent, audio and media need $0.30 more; a second script would need $0.40.
  await raise(videoId, 3.029999);
  await expect(retryVideo(ceiling, videoId, 'anna')).rejects.toMatchObject({ code: 'cap_reached' });
  await raise(videoId, 3.03);
  await retryVideo(ceiling, videoId, 'anna');
  const refused = await pipeline.ended(videoId);
  // It went on from its failed stage: the next one, which is $0.30 too, no longer fits.
  expect(refused).toMatchObject({ reason: 'cost_limit', stage: 'video_rendering' });
  expect(refused.actual_cost).toBeCloseTo(2.73, 3);
  expect(runs.sort()).toEqual(['audio_synthesis', 'media_collection', 'script_generation']);
});

test('a cap that is raised while a video is made reaches its workflow', async () => {
  const begun = latch();
  const go = latch();
  const { works } = counted({ script_generation: 9_100 });
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async (context) => {
        begun.open();
        await go.opened;
        return works.script_generation(context);
      },
    },
  );
  await begun.opened;
  await raise(videoId, 4);
  go.open();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
});

test('a cap that is lowered to what is spent ends the video that is made', async () => {
  const begun = latch();
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => ({ ...fakeProduct('script_generation'), usage: gpuSeconds(2_000) }),
      // Its seconds would be spent too.
      audio_synthesis: untilAborted,
      media_collection: (context) => {
        begun.open();
        return untilAborted(context);
      },
    },
  );
  await begun.opened;
  await expect(raise(videoId, 0.5)).rejects.toMatchObject({ code: 'below_spent' });
  await raise(videoId, 0.6);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'cost_limit' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
});

/** A video that gives its place back in its script, and waits for an hour. */
async function submitReleased() {
  const runs: string[] = [];
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => {
        runs.push('script_generation');
        if (runs.length > 1) return fakeProduct('script_generation');
        throw new StageError('rate_limited', 'come back later', { retryAfterMs: 3_600_000 });
      },
    },
  );
  return { videoId, runs };
}

const waits = (videoId: string) => pipeline.until(videoId, ({ reason }) => reason === 'retry_after');

/** Charges the video $3.00 from outside, and waits until its workflow has heard of it. */
async function chargeToTheCap(videoId: string) {
  const upload = { id: 'u', service: 'youtube_api', operation: 'upload', amount: parseDollars(3) };
  await recordExternalCharge(pipeline.deps, { ...upload, video_id: videoId });
  await eventually(
    () => pipeline.handle(videoId).query<SpendState>(SPEND_QUERY),
    ({ total }) => total >= parseDollars(3),
  );
}

const endWait = (videoId: string) =>
  pipeline.deps.pool.query('UPDATE video_queue SET not_before = NULL WHERE id = $1', [videoId]);

test('a video that reaches its cap while it waits goes on when the cap was raised meanwhile', async () => {
  const { videoId, runs } = await submitReleased();
  await waits(videoId);
  await chargeToTheCap(videoId);
  await raise(videoId, 5);
  await endWait(videoId);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  expect(runs).toHaveLength(2);
});

test('a video that reaches its cap while it gives its place back goes on when the cap was raised meanwhile', async () => {
  const leaving = `UPDATE ON video_queue FOR EACH ROW WHEN (OLD.status = 'processing' AND NEW.status = 'queued')`;
  const barrier = await createBarrier(pipeline.deps, leaving);
  const { videoId, runs } = await submitReleased();
  try {
    await barrier.reached();
    await chargeToTheCap(videoId);
  } finally {
    await barrier.lift();
  }
  await waits(videoId);
  await raise(videoId, 5);
  await endWait(videoId);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  expect(runs).toHaveLength(2);
});

test('a video that reaches its cap while it waits ends at its next admission, and nothing of it is made', async () => {
  const { videoId, runs } = await submitReleased();
  await waits(videoId);
  await chargeToTheCap(videoId);
  await endWait(videoId);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'cost_limit' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  expect(runs).toHaveLength(1);
});
