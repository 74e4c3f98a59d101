import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageContext } from '../../activities/stage.ts';
import { LANE_SLOTS, LANES, type Lane } from '../../domain/lanes.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { TestPipeline } from '../support/test-pipeline.ts';

const VIDEOS_PER_LANE = 8;

let pipeline: TestPipeline;
const running = { gpu: 0, cpu: 0 };
const peak = { gpu: 0, cpu: 0 };

beforeAll(async () => {
  const allQueued = latch();
  let collected = 0;
  /** Workers may fetch what is queued later than it was queued: both lanes must have been full before any ends. */
  const openOnceFull = () => {
    const full = LANES.every((lane) => running[lane] >= LANE_SLOTS[lane]);
    if (full && collected === VIDEOS_PER_LANE * LANES.length) allQueued.open();
  };
  pipeline = await TestPipeline.create({
    places: { gpu: 20, cpu: 20 },
    works: {
      // Media is scheduled together with audio, so that its end shows that audio is on the lane's queue.
      media_collection: async () => {
        collected += 1;
        openOnceFull();
        return fakeProduct('media_collection');
      },
      audio_synthesis: async ({ lane }: StageContext) => {
        running[lane] += 1;
        peak[lane] = Math.max(peak[lane], running[lane]);
        openOnceFull();
        await allQueued.opened;
        running[lane] -= 1;
        return fakeProduct('audio_synthesis');
      },
    },
  });
});

afterAll(() => pipeline.close());

test('with places enough for all, the worker slots alone hold a machine at 3 and 4', async () => {
  const complexity = { gpu: 'complex', cpu: 'simple' } as const;
  const orders = LANES.flatMap((lane) => Array<Lane>(VIDEOS_PER_LANE).fill(lane));
  const ids = await Promise.all(orders.map((lane) => pipeline.submit({ complexity: complexity[lane] })));
  const views = await Promise.all(ids.map((id) => pipeline.ended(id)));
  expect(views.map(({ status }) => status)).toEqual(orders.map(() => 'completed'));
  expect(peak).toEqual(LANE_SLOTS);
});
