import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const app = createApp(deps);
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM provider_state');
  await deps.pool.query(
    `INSERT INTO provider_state (name, kind, state, reason, closed_until) VALUES
       ('openai-chat', 'llm', 'closed', 'no balance', NULL),
       ('pexels', 'footage', 'closed', 'Pexels could not be reached', '2126-01-01T00:00:00Z')`,
  );
});

async function call(method: string, path: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.request(path, { method, headers });
  return { status: answer.status, body: await answer.json() };
}

test('each service is listed with its state, its reason and when it is tried again', async () => {
  expect(await call('GET', '/providers')).toEqual({
    status: 200,
    body: [
      { name: 'openai-chat', kind: 'llm', state: 'closed', reason: 'no balance', closed_until: null },
      {
        name: 'pexels',
        kind: 'footage',
        state: 'closed',
        reason: 'Pexels could not be reached',
        closed_until: '2126-01-01T00:00:00.000Z',
      },
    ],
  });
});

test('a resume opens a service, and what waits for it is admitted', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const order = await submitOrder(deps, anOrder());
  if (!order.accepted) throw new Error(order.code);
  expect(await readVideo(deps, order.video_id)).toMatchObject({
    status: 'queued',
    waiting_for: 'provider:openai-chat',
    eta: null,
  });
  const opened = { name: 'openai-chat', kind: 'llm', state: 'open', reason: null, closed_until: null };
  expect(await call('POST', '/providers/openai-chat/resume')).toEqual({ status: 200, body: opened });
  expect(await readVideo(deps, order.video_id)).toMatchObject({ status: 'processing' });
  expect(await call('POST', '/providers/openai-chat/resume')).toEqual({ status: 200, body: opened });
});

test.each(['nobody', 'Robert%27--', '%00'])('a resume of the unknown service %s is refused', async (name) => {
  expect(await call('POST', `/providers/${name}/resume`)).toMatchObject({
    status: 404,
    body: { code: 'provider_not_found' },
  });
});
