import { afterAll, beforeAll, expect, test } from 'vitest';
import { doneTwice, lostRuns, makerOf, placePeaks, slotPeaks } from '../support/machine-figures.ts';
import { FIRST_SEGMENT } from '../support/machine-works.ts';
import { MACHINE_SLOTS, Machines } from '../support/machines.ts';
import { eventually } from '../support/test-pipeline.ts';

const NAMES = ['machine-a', 'machine-b', 'machine-c'];
const VICTIM = 'machine-b';
const NEWCOMER = 'machine-d';

let machines: Machines;
beforeAll(async () => {
  machines = await Machines.create(NAMES, 1_000);
});
afterAll(() => machines.close());

/** Kills the machine once it has kept the first segment of its second film; resolves with that film's video. */
function killInMidRender(name: string): Promise<string> {
  let kept = 0;
  return new Promise((resolve) => {
    machines.s3.mishap = ({ method, key, body }) => {
      const [videoId = '', folder, segment] = key.split('/').slice(-3);
      const isFirst = method === 'PUT' && folder === 'kept' && segment === FIRST_SEGMENT;
      if (!isFirst || !body.includes(name)) return null;
      kept += 1;
      if (kept !== 2) return null;
      // After the bucket has it.
      setImmediate(() => {
        machines.kill(name);
        resolve(videoId);
      });
      return null;
    };
  });
}

test('of forty videos on three machines, one of which dies and one of which joins, all end and none is made twice', async () => {
  const { pool } = machines.deps;
  const killed = killInMidRender(VICTIM);
  const ids = await machines.order({ complex: 13, simple: 17 });
  const halfDone = await killed;
  await eventually(
    () => machines.living(VICTIM),
    (lanes) => lanes === 0,
  );
  await machines.start(NEWCOMER);
  // Work that only begins now, however long the newcomer took to come.
  ids.push(...(await machines.order({ complex: 4, simple: 6 })));
  await machines.completed(ids.length, 300_000);

  const { gpu = 0, cpu = 0 } = await placePeaks(pool);
  expect(gpu).toBeLessThanOrEqual(NAMES.length * MACHINE_SLOTS.gpu);
  expect(cpu).toBeLessThanOrEqual(NAMES.length * MACHINE_SLOTS.cpu);
  for (const [name, peak] of Object.entries(await slotPeaks(pool))) {
    expect(peak, name).toBeLessThanOrEqual(name.endsWith('gpu') ? MACHINE_SLOTS.gpu : MACHINE_SLOTS.cpu);
  }

  expect(await doneTwice(pool)).toEqual([]);
  const others = await lostRuns(pool);
  const lost = others.filter(({ outcome }) => outcome !== 'reused');
  expect(lost.map(({ video_id, stage }) => `${stage} ${video_id}`)).toContain(`video_rendering ${halfDone}`);
  for (const run of lost) expect(run).toMatchObject({ machine: VICTIM, outcome: 'worker_lost' });
  // A stage that the victim had stored, but not yet told of, is asked for again and found: of no other machine.
  for (const run of others.filter(({ outcome }) => outcome === 'reused')) {
    expect(await makerOf(pool, run)).toBe(VICTIM);
  }

  const stories = new Map(
    await Promise.all(ids.map(async (id) => [id, await machines.storyOf(id)] as const)),
  );
  for (const story of stories.values()) expect(story).toHaveLength(5);
  const again = stories.get(halfDone) ?? [];
  expect(again).toContain(`${FIRST_SEGMENT}@${VICTIM}`);
  expect(again).not.toContain(`film@${VICTIM}`);
  const makers = new Set([...stories.values()].flat().map((line) => line.split('@')[1]));
  expect(makers).toContain(NEWCOMER);
});
