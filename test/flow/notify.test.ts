import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { criticalAlert, videoEnded } from '../../api/openapi/webhooks.ts';
import { StageError } from '../../domain/errors.ts';
import { notifyIdOf, TRIES, videoNotificationId } from '../../domain/notifications.ts';
import type { Order } from '../../domain/video.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { startSoon } from '../../infra/notify/start.ts';
import type { WebhookView } from '../../infra/notify/view.ts';
import { reconcile } from '../../infra/queue/reconcile.ts';
import { settle } from '../../infra/queue/settle.ts';
import { fakeProduct, gpuSeconds } from '../support/fake-works.ts';
import {
  type Delivery,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../support/fakes/webhook-receiver.ts';
import { packageOf } from '../support/publishing.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';
import { documentedVerify, WEBHOOK_SECRET, WEBHOOK_SECRETS } from '../support/webhooks.ts';

const FAILING = { status: 500 };
const HOOK = '/hook?token=1';
const ALERTS = '/alerts';

let receiver: WebhookReceiver;
let pipeline: TestPipeline;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  pipeline = await TestPipeline.create({
    works: { upload_preparation: packageOf(Buffer.from('a video')) },
    config: {
      webhooks: { signed: true, hosts: [receiver.host], alertUrl: receiver.url + ALERTS },
    },
  });
  pipeline.deps.secrets = WEBHOOK_SECRETS;
});
afterAll(async () => {
  await pipeline.close();
  await receiver.close();
});
afterEach(() => receiver.forget());

const submit = (...[order, works]: Parameters<TestPipeline['submit']>) =>
  pipeline.submit({ webhook_url: receiver.url + HOOK, ...order } satisfies Partial<Order>, works);

async function webhookOf(videoId: string, state: WebhookView['state']): Promise<WebhookView> {
  const view = await pipeline.until(videoId, ({ webhook }) => webhook?.state === state);
  return view.webhook as WebhookView;
}

const handleOf = (videoId: string, generation = 1) =>
  pipeline.deps.temporal.workflow.getHandle(notifyIdOf(videoNotificationId(videoId, generation)));

const told = (videoId: string) => receiver.deliveries.filter(({ body }) => body.includes(videoId));
const bodyOf = ({ body }: Delivery) => videoEnded.parse(JSON.parse(body));

test('the end of a video is posted once, signed, with its files and cost', async () => {
  const id = await submit();
  expect(await webhookOf(id, 'delivered')).toEqual({ state: 'delivered', tries: 1, last_error: null });
  const [delivery] = told(id) as [Delivery];
  expect(delivery.path).toBe(HOOK);
  expect((await documentedVerify())(WEBHOOK_SECRET, delivery.headers, delivery.body)).toBe(true);
  const { type, data, timestamp } = bodyOf(delivery);
  const view = await pipeline.ended(id);
  expect({ type, timestamp }).toEqual({ type: 'video.completed', timestamp: view.completed_at });
  expect(data).toMatchObject({ status: 'completed', reason: null, cost: view.actual_cost, title: 'A test' });
  expect(data.artifacts).toEqual(view.artifacts);
  expect(Object.keys(data.artifacts)).toContain('video.mp4');
  await handleOf(id).result();
});

test('a video is settled while Temporal is away, and reconcile sends its webhook later', async () => {
  const { deps } = pipeline;
  await pipeline.stopWorkers();
  const id = await submit();
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const away = { ...deps, temporal: new Client({ connection }) };
  const end = { video_id: id, generation: 1, admission_no: null, chain: '', stage: null };
  await settle(away, { ...end, status: 'cancelled', reason: 'operator_cancel', message: 'by hand' });
  await connection.close();
  expect(await webhookOf(id, 'pending')).toMatchObject({ tries: 0 });
  expect(told(id)).toEqual([]);
  await pipeline.startWorkers();
  await webhookOf(id, 'delivered');
  expect(told(id).map(bodyOf)).toMatchObject([{ type: 'video.cancelled', data: { message: 'by hand' } }]);
});

test('the end of a video that a process without webhooks has settled is told by reconcile', async () => {
  const { pool } = pipeline.deps;
  await pipeline.stopWorkers();
  const id = await submit();
  await pool.query(
    `UPDATE video_queue SET status = 'failed', reason = 'bug', actual_cost = 0, completed_at = clock_timestamp(),
       result = '{"message": "as it was"}' WHERE id = $1`,
    [id],
  );
  await pipeline.startWorkers();
  await webhookOf(id, 'delivered');
  expect(told(id).map(bodyOf)).toMatchObject([{ type: 'video.failed', data: { message: 'as it was' } }]);
});

test.each(['cancel', 'terminate'] as const)('a delivery ends where an operator does %s it', async (move) => {
  receiver.script('hang');
  const id = await submit();
  await eventually(
    () => told(id),
    (tries) => tries.length === 1,
  );
  await handleOf(id)[move]();
  expect(await webhookOf(id, 'cancelled')).toMatchObject({ tries: 1 });
  expect((await pipeline.ended(id)).status).toBe('completed');
});

test('a settle, a start and a reconcile that are made again send nothing again', async () => {
  const id = await submit();
  await webhookOf(id, 'delivered');
  const end = { video_id: id, generation: 1, admission_no: null, chain: '', stage: null };
  await settle(pipeline.deps, { ...end, status: 'completed', reason: null, message: null });
  const { pool } = pipeline.deps;
  // As if the answers of all three had been lost.
  await pool.query(`UPDATE notifications SET looked_at = NULL WHERE video_id = $1`, [id]);
  await Promise.all([1, 2].map(() => startSoon(pipeline.deps, videoNotificationId(id, 1))));
  await reconcile(pipeline.deps);
  expect(told(id)).toHaveLength(1);
  expect(await webhookOf(id, 'delivered')).toMatchObject({ tries: 1 });
});

test('failed tries are made again with the same bytes and id, and each has its own time and signature', async () => {
  receiver.script(FAILING, { status: 302, headers: { location: '/elsewhere' } }, 'lost');
  const id = await submit();
  expect(await webhookOf(id, 'delivered')).toEqual({ state: 'delivered', tries: 4, last_error: null });
  const tries = told(id);
  expect(tries).toHaveLength(4);
  expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
  expect(new Set(tries.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([videoNotificationId(id, 1)]),
  );
  const verify = await documentedVerify();
  for (const { headers, body } of tries) expect(verify(WEBHOOK_SECRET, headers, body)).toBe(true);
});

test('after the fifth try it is given up with a warning, and the video keeps its end', async () => {
  receiver.script(...Array(TRIES).fill(FAILING));
  const id = await submit();
  const last_error = '127.0.0.1 answered with status 500';
  expect(await webhookOf(id, 'failed')).toEqual({ state: 'failed', tries: TRIES, last_error });
  expect(told(id)).toHaveLength(TRIES);
  const { status, warnings } = await pipeline.ended(id);
  expect(status).toBe('completed');
  expect(warnings).toContainEqual({
    stage: 'upload_preparation',
    code: 'webhook_failed',
    message: `its webhook was given up: ${last_error}`,
  });
  await expect(handleOf(id).result()).rejects.toThrow();
  expect((await handleOf(id).describe()).status.name).toBe('FAILED');
});

test('a failed and a cancelled video say why, and a retry has an end of its own', async () => {
  const { deps } = pipeline;
  let fails = true;
  const id = await submit(
    {},
    {
      quality_validation: async () => {
        if (fails) throw new StageError('process_failed', 'on purpose');
        return fakeProduct('quality_validation');
      },
    },
  );
  await webhookOf(id, 'delivered');
  expect(told(id).map(bodyOf)).toMatchObject([
    { type: 'video.failed', data: { stage: 'quality_validation', artifacts: {}, title: null } },
  ]);
  expect(bodyOf(told(id)[0] as Delivery).data.message).toMatch(/on purpose/);
  fails = false;
  await retryVideo(deps, id, 'test');
  await pipeline.until(id, ({ status }) => status === 'completed');
  await webhookOf(id, 'delivered');
  expect(told(id).map((each) => bodyOf(each).type)).toEqual(['video.failed', 'video.completed']);
  expect(new Set(told(id).map(({ headers }) => headers['webhook-id'])).size).toBe(2);
});

test('a video at its limit tells its orderer of its end, and the operator of the money, once', async () => {
  const dear = { ...fakeProduct('script_generation'), usage: gpuSeconds(9_500) };
  const id = await submit({}, { script_generation: async () => dear });
  await webhookOf(id, 'delivered');
  const of = (path: string) => told(id).filter((each) => each.path === path);
  expect(of(HOOK).map(bodyOf)).toMatchObject([
    { type: 'video.cancelled', data: { reason: 'cost_limit', cost: 2.85 } },
  ]);
  await eventually(
    () => of(ALERTS),
    (alerts) => alerts.length > 0,
  );
  expect(of(ALERTS).map(({ body }) => criticalAlert.parse(JSON.parse(body)).data)).toMatchObject([
    { event: 'cost.alert', level: 'critical', severity: 'critical', cost: 2.85, video_id: id },
  ]);
});

test('tries go on when the workers stop in the middle of one and between two', async () => {
  receiver.script('hang', FAILING, FAILING);
  const id = await submit();
  await eventually(
    () => told(id),
    (tries) => tries.length === 1,
  );
  await pipeline.stopWorkers();
  await pipeline.startWorkers();
  // The longest wait but one begins.
  await eventually(
    () => told(id),
    (tries) => tries.length === 3,
  );
  await pipeline.stopWorkers();
  await pipeline.startWorkers();
  expect(await webhookOf(id, 'delivered')).toMatchObject({ tries: 4 });
  expect(told(id)).toHaveLength(4);
  expect(new Set(told(id).map(({ body }) => body)).size).toBe(1);
});
