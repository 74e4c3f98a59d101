import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { video } from '../../../api/openapi/answers.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const app = createApp(deps);
const SOON = new Date(Date.now() + 86_400_000).toISOString();

afterAll(() => deps.close());
afterEach(() => vi.useRealTimers());
beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM youtube_channels');
});

async function post(path: string, body: unknown, key?: string) {
  const answer = await app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const connect = (channel: string) =>
  deps.pool.query(
    `INSERT INTO youtube_channels (channel_id, youtube_id, title, refresh_token) VALUES ($1, 'UC', 'x', 'x')`,
    [channel],
  );

test('an order to publish on a channel without an account is refused with the command that connects it', async () => {
  const order = { prompt: 'a', channel_id: 'news', publish: true };
  expect((await post('/pipeline/queue', order)).body).toMatchObject({
    status: 422,
    errors: [{ field: 'publish', message: expect.stringContaining('youtube connect --channel news') }],
  });
  const { body } = await post('/pipeline/batch', { orders: [{ prompt: 'b' }, order] });
  expect(body).toMatchObject({ status: 422, errors: [{ field: 'orders.1.publish' }] });
});

test('with an account the order is taken, with its time, and the status fits the description', async () => {
  await connect('news');
  const order = { prompt: 'a', channel_id: 'news', publish: true, publish_at: SOON };
  const { status, body } = await post('/pipeline/queue', order);
  expect(status).toBe(202);
  const { rows } = await deps.pool.query('SELECT request_data FROM video_queue');
  expect(rows[0].request_data).toMatchObject({ publish: true, publish_at: SOON });
  await deps.pool.query(
    `INSERT INTO publications (video_id, channel_id, ready_at, publish_at) VALUES ($1, 'news', now(), $2)`,
    [body['video_id'], SOON],
  );
  const view = video.parse(await (await app.request(`/pipeline/status/${body['video_id']}`)).json());
  expect(view.publication).toMatchObject({ state: 'waiting', publish_at: SOON, url: null });
});

test.each([
  ['without publish', { publish_at: SOON }, 'needs "publish": true'],
  ['in the past', { publish: true, publish_at: '2020-01-01T00:00:00Z' }, 'must be in the future'],
  ['that is no time', { publish: true, publish_at: 'tomorrow' }, 'must be a time'],
])('a publish_at %s is refused by name', async (_, fields, message) => {
  await connect('default');
  const { status, body } = await post('/pipeline/queue', { prompt: 'a', ...fields });
  expect(status).toBe(422);
  expect(body['errors']).toMatchObject([{ field: 'publish_at', message: expect.stringContaining(message) }]);
});

test('an order with its Idempotency-Key gets its 202 again when its time is over and its channel is gone', async () => {
  await connect('news');
  const order = { prompt: 'a', channel_id: 'news', publish: true, publish_at: SOON };
  const taken = await post('/pipeline/queue', order, 'k1');
  expect(taken.status).toBe(202);
  await deps.pool.query('DELETE FROM youtube_channels');
  vi.setSystemTime(Date.parse(SOON) + 1);
  expect(await post('/pipeline/queue', order, 'k1')).toEqual(taken);
  const { body } = await post('/pipeline/queue', order, 'k2');
  expect(body['errors']).toMatchObject([{ field: 'publish_at' }, { field: 'publish' }]);
  const other = await post('/pipeline/queue', { ...order, prompt: 'b' }, 'k1');
  expect(other.body).toMatchObject({ status: 422, code: 'idempotency_conflict' });
});
