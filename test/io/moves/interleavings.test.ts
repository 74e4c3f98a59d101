import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { workflowIdOf } from '../../../domain/contract.ts';
import { completeCancels } from '../../../infra/moves/cancel.ts';
import { pauseAll } from '../../../infra/moves/pause.ts';
import { retryVideo } from '../../../infra/moves/retry.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { claim } from '../../../infra/queue/claim.ts';
import { reconcile } from '../../../infra/queue/reconcile.ts';
import { settle } from '../../../infra/queue/settle.ts';
import { ensureSearchAttributes, generationOf } from '../../../infra/temporal/temporal.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { holdLock } from '../../support/lock-waits.ts';
import { createTestDeps, registerPlaces, submitVideo } from '../../support/test-deps.ts';
import { eventually } from '../../support/test-pipeline.ts';

/* Two moves at once, put into the one order in which they could go wrong. No worker polls these queues. */

const deps = await createTestDeps({ times: { redeliverMs: 60_000 } });

beforeAll(() => ensureSearchAttributes(deps.temporal, deps.config));
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM lane_workers');
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
});

const submit = (order = {}) => submitVideo(deps, order);

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

const handleOf = (id: string) => deps.temporal.workflow.getHandle(workflowIdOf(id));

/** Ends a waiting video and its workflow, and makes it again: the next generation is in production, told of it. */
async function endAndRetry(id: string): Promise<void> {
  const end = { status: 'cancelled', reason: 'terminated', stage: null, message: 'ended by hand' } as const;
  await settle(deps, { video_id: id, generation: 1, admission_no: null, chain: '', ...end });
  await handleOf(id).terminate('by hand');
  await registerPlaces(deps, { cpu: 1 });
  await retryVideo(deps, id, 'anna');
  await eventually(
    () => handleOf(id).describe(),
    (found) => found.status.name === 'RUNNING' && generationOf(found) === 2,
  );
}

async function isCancelRequested(id: string): Promise<boolean> {
  const { raw } = await handleOf(id).describe();
  return raw.workflowExtendedInfo?.cancelRequested === true;
}

test('a cancel that comes late leaves the next generation of its video alone', async () => {
  const id = await submit();
  await deps.pool.query(`UPDATE video_queue SET cancel_requested = 'emergency_halt' WHERE id = $1`, [id]);
  const temporal = Object.assign(Object.create(deps.temporal), {
    withDeadline: async <T>(deadline: number, call: () => Promise<T>) => {
      await endAndRetry(id);
      return deps.temporal.withDeadline(deadline, call);
    },
  });
  await completeCancels({ ...deps, temporal }, id);
  expect(await isCancelRequested(id)).toBe(false);
  expect(await readVideo(deps, id)).toMatchObject({ status: 'processing' });
});

/** Waits until lists show the running workflow of this generation: they may be late. */
async function isListed(id: string, generation: number): Promise<void> {
  const query = `WorkflowId = '${workflowIdOf(id)}' AND ExecutionStatus = 'Running'`;
  await eventually(
    async () => {
      const generations: number[] = [];
      for await (const found of deps.temporal.workflow.list({ query })) generations.push(generationOf(found));
      return generations;
    },
    (generations) => generations.includes(generation),
    60_000,
  );
}

test('reconcile cancels what runs on after its end, and not what a retry has started meanwhile', async () => {
  const [lost, retried] = [await submit(), await submit()];
  await deps.pool.query(
    `UPDATE video_queue SET status = 'failed', completed_at = clock_timestamp() - interval '1 minute'`,
  );
  await isListed(lost, 1);
  const workflow = Object.assign(Object.create(deps.temporal.workflow), {
    list: async function* (options: { query: string }) {
      await endAndRetry(retried);
      await isListed(retried, 2);
      yield* deps.temporal.workflow.list(options);
    },
  });
  const temporal = Object.defineProperty(Object.create(deps.temporal), 'workflow', { value: workflow });
  await reconcile({ ...deps, temporal });
  expect(await isCancelRequested(lost)).toBe(true);
  expect(await isCancelRequested(retried)).toBe(false);
});
