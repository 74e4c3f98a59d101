import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { workflowIdOf } from '../../../domain/contract.ts';
import { openDeps } from '../../../infra/deps.ts';
import { retryVideo } from '../../../infra/moves/retry.ts';
import { admit, commitAdmission } from '../../../infra/queue/admission.ts';
import { claim } from '../../../infra/queue/claim.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { STARTABLE } from '../../../infra/queue/queue-order.ts';
import { type ReconcileReport, reconcile } from '../../../infra/queue/reconcile.ts';
import { deliverAdmitted, ensureSearchAttributes, startVideo } from '../../../infra/temporal/temporal.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { holdLock } from '../../support/lock-waits.ts';
import { anOrder, createTestDeps, registerPlaces, testLogger } from '../../support/test-deps.ts';

const deps = await createTestDeps({ times: { redeliverMs: 10 } });
const started: string[] = [];

beforeAll(() => ensureSearchAttributes(deps.temporal, deps.config));
afterAll(async () => {
  await Promise.allSettled(started.map((id) => handleOf(id).terminate('test is over')));
  await deps.close();
});

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM lane_workers');
});

/** No worker polls these queues, so that a workflow stays as the test leaves it. */
async function submit(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  started.push(answer.video_id);
  await isStarted(answer.video_id);
  return answer.video_id;
}

/** A start that Temporal does not answer within a second is left to the admission, here it is made again. */
async function isStarted(id: string): Promise<void> {
  const { rows } = await deps.pool.query(`SELECT ${STARTABLE} FROM video_queue WHERE id = $1`, [id]);
  await expect.poll(() => startVideo(deps.temporal, deps.config, rows[0])).toBeUndefined();
}

const handleOf = (id: string) => deps.temporal.workflow.getHandle(workflowIdOf(id));

async function admittedSignals(id: string): Promise<number> {
  const { events } = await handleOf(id).fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
}

async function claimIt(id: string): Promise<void> {
  const request = { video_id: id, generation: 1, admission_no: 1, chain: 'chain' };
  expect(await claim(deps, request)).toMatchObject({ claimed: true });
}

test('a queued order has a workflow that shows what it is', async () => {
  const id = await submit();
  const found = await handleOf(id).describe();
  expect(found.status.name).toBe('RUNNING');
  expect(found.memo).toEqual({ generation: 1 });
  expect(found.priority).toMatchObject({ priorityKey: 6 });
  expect(found.taskQueue).toBe(`${deps.config.temporal.taskQueuePrefix}control`);
  const attributes = found.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  expect(Object.fromEntries(attributes)).toEqual({
    VideoStatus: 'queued',
    ChannelId: 'channel-1',
    Priority: 5,
    Complexity: 'simple',
  });
  expect(await found.staticSummary()).toBe('How the deep sea was mapped');
  expect(await found.staticDetails()).toContain(id);
});

test('an admission that was never delivered is delivered by the next pass, also again', async () => {
  const id = await submit();
  await registerPlaces(deps, { cpu: 1 });
  expect(await commitAdmission(deps)).toHaveLength(1);
  expect(await admittedSignals(id)).toBe(0);
  const delivered = { ran: true, delivered: 1, settled: 0, admitted: 0 };
  await expect.poll(() => reconcile(deps)).toEqual(delivered);
  expect(await reconcile(deps)).toMatchObject({ delivered: 1 });
  expect(await admittedSignals(id)).toBe(2);
  await claimIt(id);
  expect(await reconcile(deps)).toMatchObject({ delivered: 0 });
});

test('a delivery starts the workflow that was never started', async () => {
  const video = {
    id: crypto.randomUUID(),
    generation: 1,
    user_id: 'u',
    channel_id: 'c',
    priority: 10,
    complexity: 'simple',
    subject: '# Deep sea\n\nIt is dark.',
    trace_parent: null,
    admission_no: 1,
    lane: 'cpu',
  } as const;
  started.push(video.id);
  await deliverAdmitted(deps.temporal, deps.config, video);
  await startVideo(deps.temporal, deps.config, video);
  expect(await admittedSignals(video.id)).toBe(1);
  expect(await (await handleOf(video.id).describe()).staticSummary()).toBe('Deep sea');
});

test('a video in production whose workflow was terminated is cancelled, and its place given away', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const id = await submit();
  const next = await submit();
  await claimIt(id);
  await handleOf(id).terminate('by hand');
  expect(await reconcile(deps)).toMatchObject({ settled: 1 });
  expect(await readVideo(deps, id)).toMatchObject({ status: 'cancelled', reason: 'terminated' });
  expect(await readVideo(deps, next)).toMatchObject({ status: 'processing' });
});

test('a terminated workflow of an earlier generation settles nothing', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const id = await submit();
  await claimIt(id);
  await deps.pool.query('UPDATE video_queue SET generation = 2');
  await handleOf(id).terminate('by hand');
  expect(await reconcile(deps)).toMatchObject({ settled: 0 });
  expect(await readVideo(deps, id)).toMatchObject({ status: 'processing' });
});

test('a waiting video whose workflow was terminated is cancelled', async () => {
  const id = await submit();
  await handleOf(id).terminate('by hand');
  await expect.poll(() => reconcile(deps)).toMatchObject({ settled: 1 });
  expect(await readVideo(deps, id)).toMatchObject({ status: 'cancelled', reason: 'terminated' });
});

test('a claimed video whose workflow Temporal does not know goes back to the queue', async () => {
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, request_data, estimated_cost,
       score, status, lane, admission_no, claimed_by)
     VALUES (gen_random_uuid(), 'u', 'c', 5, 'simple', '{}', 2, 1, 'processing', 'cpu', 1, 'chain')`,
  );
  await deps.pool.query('INSERT INTO video_budget (video_id, cap) SELECT id, 3 FROM video_queue');
  expect(await reconcile(deps)).toMatchObject({ settled: 1 });
  const { rows } = await deps.pool.query('SELECT status, reason FROM video_queue');
  expect(rows).toEqual([{ status: 'queued', reason: 'workflow_lost' }]);
});

test('while Temporal lists no workflows, a pass repairs the rest', async () => {
  const ended = await submit();
  await deps.pool.query(
    `UPDATE video_queue SET status = 'completed', completed_at = clock_timestamp() - interval '1 minute' WHERE id = $1`,
    [ended],
  );
  await registerPlaces(deps, { cpu: 1 });
  const id = await submit();
  const next = await submit();
  await submit();
  await claimIt(id);
  await handleOf(id).terminate('by hand');
  const { address, namespace } = deps.config.temporal;
  const connection = Connection.lazy({ address, interceptors: [refuseToList] });
  const temporal = new Client({ connection, namespace });
  expect(await reconcile({ ...deps, temporal })).toMatchObject({ settled: 1 });
  expect(await readVideo(deps, next)).toMatchObject({ status: 'processing' });
  await connection.close();
});

type GrpcInterceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** Fails as a server whose visibility store is away, before anything is sent. */
const refuseToList: GrpcInterceptor = (options, nextCall) => {
  if (options.method_definition.path.endsWith('/ListWorkflowExecutions')) throw new Error('no visibility');
  return nextCall(options) as ReturnType<GrpcInterceptor>;
};

test('of several passes at once one runs', async () => {
  const gate = await holdLock(deps.pool, 'LOCK TABLE video_queue');
  const reports: ReconcileReport[] = [];
  const passes = Array.from({ length: 4 }, async () => reports.push(await reconcile(deps)));
  await expect.poll(() => reports.map(({ ran }) => ran)).toEqual([false, false, false]);
  await gate.release();
  await Promise.all(passes);
  expect(reports.at(-1)).toMatchObject({ ran: true });
});

test('an order is taken, and soon, while Temporal is away', async () => {
  const config = { ...deps.config, temporal: { ...deps.config.temporal, address: '127.0.0.1:1' } };
  const away = await openDeps(config, testLogger());
  const startedAt = performance.now();
  const answer = await submitOrder(away, anOrder());
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  if (!answer.accepted) throw new Error('refused');
  expect(await readVideo(deps, answer.video_id)).toMatchObject({ status: 'queued', position: 1 });
  await away.events.close();
  await away.pool.end();
  await away.temporal.connection.close();
});

test('a terminate between admission and claim ends the video, and is not undone by another delivery', async () => {
  const id = await submit();
  await registerPlaces(deps, { cpu: 1 });
  expect(await admit(deps)).toHaveLength(1);
  await handleOf(id).terminate('by hand');
  await expect.poll(() => reconcile(deps)).toMatchObject({ delivered: 0, settled: 1 });
  expect(await readVideo(deps, id)).toMatchObject({ status: 'cancelled', reason: 'terminated' });
  expect((await handleOf(id).describe()).status.name).toBe('TERMINATED');
});

test('a video terminated while it waited is not started again by its admission', async () => {
  const id = await submit();
  await handleOf(id).terminate('by hand');
  await registerPlaces(deps, { cpu: 1 });
  const [video] = await admit(deps);
  expect(video).toMatchObject({ id, admission_no: 1 });
  expect((await handleOf(id).describe()).status.name).toBe('TERMINATED');
  await expect.poll(() => reconcile(deps)).toMatchObject({ settled: 1 });
  expect(await readVideo(deps, id)).toMatchObject({ status: 'cancelled', reason: 'terminated' });
});

test('a terminated video that is retried starts a new workflow', async () => {
  const id = await submit();
  await handleOf(id).terminate('by hand');
  await expect.poll(() => reconcile(deps)).toMatchObject({ settled: 1 });
  await registerPlaces(deps, { cpu: 1 });
  await retryVideo(deps, id, 'test');
  expect(await handleOf(id).describe()).toMatchObject({
    status: { name: 'RUNNING' },
    memo: { generation: 2 },
  });
});
