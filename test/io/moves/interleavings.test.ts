import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pauseAll } from '../../../infra/moves/pause.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { claim } from '../../../infra/queue/claim.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { settle } from '../../../infra/queue/settle.ts';
import { ensureSearchAttributes } from '../../../infra/temporal/temporal.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { holdLock } from '../../support/lock-waits.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

/* Two moves at once, put into the one order in which they could go wrong. No worker polls these queues. */

const deps = await createTestDeps({ times: { redeliverMs: 60_000 } });

beforeAll(() => ensureSearchAttributes(deps.temporal, deps.config));
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM lane_workers');
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
});

async function submit(order = {}): Promise<string> {
  const answer = await submitOrder(deps, anOrder(order));
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

test('an admission that waits for the end of its video leaves it ended, and the place goes to the next', async () => {
  const [first, next] = [await submit({ priority: 9 }), await submit()];
  await registerPlaces(deps, { cpu: 1 });
  // An end closes its attempts after it has written the row: held there, it is not yet committed.
  const lock = await holdLock(deps.pool, 'LOCK TABLE stage_runs IN SHARE MODE');
  const end = { status: 'cancelled', reason: 'terminated', stage: null, message: 'ended by hand' } as const;
  const settled = settle(deps, { video_id: first, generation: 1, admission_no: null, chain: '', ...end });
  await lock.waiters(1);
  const admitted = commitAdmission(deps);
  await lock.waiters(2);
  await lock.release();
  await Promise.all([settled, admitted]);
  expect(await readVideo(deps, first)).toMatchObject({ status: 'cancelled', reason: 'terminated' });
  expect(await readVideo(deps, next)).toMatchObject({ status: 'processing' });
});

test('a pause of all that falls into a claim is in the answer of the claim', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const id = await submit();
  const lock = await holdLock(deps.pool, 'SELECT 1 FROM video_queue FOR UPDATE');
  const claimed = claim(deps, { video_id: id, generation: 1, admission_no: 1, chain: 'chain' });
  await lock.waiters(1);
  await pauseAll(deps, 'anna');
  await lock.release();
  const { rows } = await deps.pool.query<{ version: number }>('SELECT version FROM pipeline_state');
  expect(await claimed).toMatchObject({ claimed: true, paused: true, version: rows[0]?.version });
});
