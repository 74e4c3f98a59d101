import { afterAll, beforeAll, expect, test } from 'vitest';
import { doneTwice, lostRuns, placePeaks, slotPeaks } from '../support/machine-figures.ts';
import { MACHINE_SLOTS, Machines } from '../support/machines.ts';

const NAMES = ['machine-a', 'machine-b', 'machine-c'];

let machines: Machines;
beforeAll(async () => {
  machines = await Machines.create(NAMES, 150);
});
afterAll(() => machines.close());

test('three machines that share a bucket and nothing else make each video together, each within its slots', async () => {
  const ids = await machines.order({ complex: 12, simple: 12 });
  await machines.completed(ids.length, 60_000);
  const { pool } = machines.deps;

  const stories = await Promise.all(ids.map((id) => machines.storyOf(id)));
  const whats = stories.map((story) => story.map((line) => line.split('@')[0]));
  for (const what of whats) expect(what).toEqual(['narration', 'picture', 'first', 'film', 'video.mp4']);
  const makers = stories.map((story) => new Set(story.map((line) => line.split('@')[1])));
  expect(makers.filter(({ size }) => size > 1).length).toBeGreaterThan(0);
  expect(new Set(makers.flatMap((names) => [...names]))).toEqual(new Set(NAMES));

  for (const [name, peak] of Object.entries(await slotPeaks(pool))) {
    expect(peak, name).toBeLessThanOrEqual(name.endsWith('gpu') ? MACHINE_SLOTS.gpu : MACHINE_SLOTS.cpu);
  }
  const { gpu = 0, cpu = 0 } = await placePeaks(pool);
  expect(gpu).toBeLessThanOrEqual(NAMES.length * MACHINE_SLOTS.gpu);
  expect(cpu).toBeLessThanOrEqual(NAMES.length * MACHINE_SLOTS.cpu);
  expect(await lostRuns(pool)).toEqual([]);
  expect(await doneTwice(pool)).toEqual([]);
});
