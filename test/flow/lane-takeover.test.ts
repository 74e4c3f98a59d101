import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneLease, LaneTakenOver, registerLane } from '../../infra/queue/lane-workers.ts';
import type { RunningWorker } from '../../workers/parts.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeWorks } from '../support/fake-works.ts';
import { createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { eventually } from '../support/test-pipeline.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps({ times: { leaseMs: 300 } });
});
afterAll(() => deps.close());

/** As a second worker would, once the first has missed its renewals. */
async function takeOver(): Promise<LaneLease> {
  const lapse = () => deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  const offer = { slots: 1, places: 1, encoder: 'libx264' };
  const lease = await eventually(
    async () => {
      await lapse();
      // The first may have renewed between the two statements.
      return registerLane(deps, 'cpu', offer).catch(() => null);
    },
    (made): made is LaneLease => made !== null,
  );
  return lease;
}

test('a worker whose lane is taken over takes no more work, says why it ends, and leaves the new one its lane', async () => {
  const workers: RunningWorker = await startWorkers(deps, ['cpu'], { works: fakeWorks() });
  const second = await takeOver();
  await expect(workers.ended).rejects.toThrow(LaneTakenOver);
  await workers.stop();
  await second.renew();
  const { rows } = await deps.pool.query('SELECT slots FROM lane_workers');
  expect(rows).toEqual([{ slots: 1 }]);
});
