import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { video } from '../../../api/openapi/answers.ts';
import { WEBHOOKS } from '../../../api/openapi/webhooks.ts';
import { forgetRecords } from '../../../infra/retention/records.ts';
import { endRow } from '../../support/scripted-video.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps({ webhooks: { signed: true } });
const app = createApp(deps);
const unsigned = createApp({
  ...deps,
  config: { ...deps.config, webhooks: { ...deps.config.webhooks, signed: false } },
});
const URL_WITH_TOKEN = 'https://example.com/hook?token=secret-token';

afterAll(() => deps.close());
beforeEach(() => deps.pool.query('DELETE FROM video_queue'));

async function post(path: string, body: unknown, to = app) {
  const answer = await to.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('a webhook_url that could never be called is refused by its field, alone and in a batch', async () => {
  const order = { prompt: 'a', webhook_url: 'http://169.254.169.254/' };
  const message = 'must begin with https://';
  expect((await post('/pipeline/queue', order)).body).toMatchObject({
    status: 422,
    errors: [{ field: 'webhook_url', message }],
  });
  expect((await post('/pipeline/batch', { orders: [{ prompt: 'b' }, order] })).body).toMatchObject({
    status: 422,
    errors: [{ field: 'orders.1.webhook_url', message }],
  });
  expect((await deps.pool.query('SELECT 1 FROM video_queue')).rowCount).toBe(0);
});

test('a webhook_url with a sign that Postgres does not take is refused by its field', async () => {
  for (const sign of ['\u0000', '\ud800']) {
    const answer = await post('/pipeline/queue', { prompt: 'a', webhook_url: `https://example.com/${sign}` });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'webhook_url' }] } });
  }
});

test('without WEBHOOK_SECRET a webhook_url is refused with what to set', async () => {
  const order = { prompt: 'a', webhook_url: 'https://example.com/' };
  expect((await post('/pipeline/queue', order, unsigned)).body).toMatchObject({
    status: 422,
    errors: [{ field: 'webhook_url', message: expect.stringContaining('set WEBHOOK_SECRET') }],
  });
});

test('the status shows how the webhook stands, and not where it goes', async () => {
  const { status, body } = await post('/pipeline/queue', { prompt: 'a', webhook_url: URL_WITH_TOKEN });
  expect(status).toBe(202);
  const id = body['video_id'];
  const shown = async () => {
    const text = await (await app.request(`/pipeline/status/${id}`)).text();
    expect(text).not.toMatch(/secret-token|example\.com/);
    return video.parse(JSON.parse(text)).webhook;
  };
  expect(await shown()).toEqual({ state: 'waiting', tries: 0, last_error: null });
  await deps.pool.query(
    `INSERT INTO notifications (id, video_id, url, body, tries, last_error)
     VALUES ($1::text || '-1', $1::uuid, $2, '{}', 2, 'the receiver answered with status 500')`,
    [id, URL_WITH_TOKEN],
  );
  expect(await shown()).toEqual({
    state: 'pending',
    tries: 2,
    last_error: 'the receiver answered with status 500',
  });
  const other = await post('/pipeline/queue', { prompt: 'a' });
  const without = await app.request(`/pipeline/status/${other.body['video_id']}`);
  expect(await without.json()).toMatchObject({ webhook: null });
});

test('an ended webhook that is too old to be kept is shown as none, and not as one that waits', async () => {
  const { body } = await post('/pipeline/queue', { prompt: 'a', webhook_url: URL_WITH_TOKEN });
  const id = body['video_id'] as string;
  await deps.pool.query(
    `INSERT INTO notifications (id, video_id, body, state, ended_at)
     VALUES ($1::text || '-1', $1::uuid, '{}', 'delivered', now() - interval '91 days')`,
    [id],
  );
  await endRow(deps, id, { status: 'completed', cost: '0.100000' });
  const shown = async () => video.parse(await (await app.request(`/pipeline/status/${id}`)).json()).webhook;
  expect(await shown()).toMatchObject({ state: 'delivered' });
  await forgetRecords(deps);
  expect(await shown()).toBeNull();
});

test('the OpenAPI document describes what is posted, with its headers', async () => {
  const document = (await (await app.request('/openapi.json')).json()) as {
    webhooks: Record<string, { post: { parameters: { name: string }[] } }>;
    components: { schemas: object };
  };
  expect(Object.keys(document.webhooks)).toEqual(Object.keys(WEBHOOKS));
  expect(document.webhooks['videoEnded']?.post).toMatchObject({
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/VideoEnded' } } } },
  });
  expect(document.webhooks['criticalAlert']?.post.parameters.map(({ name }) => name)).toEqual([
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
  ]);
  expect(document.components.schemas).toHaveProperty('CriticalAlert');
});
