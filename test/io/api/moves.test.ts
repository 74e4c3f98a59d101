import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { ensureSearchAttributes } from '../../../infra/temporal/temporal.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
await ensureSearchAttributes(deps.temporal, deps.config);
const app = createApp(deps);

afterAll(() => deps.close());
beforeEach(() => deps.pool.query('UPDATE pipeline_state SET paused = false'));

async function submit(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

async function call(method: string, path: string, body?: unknown) {
  const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
  const response = await app.request(`http://127.0.0.1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const end = (id: string, status: string) =>
  deps.pool.query('UPDATE video_queue SET status = $2, completed_at = now() WHERE id = $1', [id, status]);

test('a video is paused and resumed, and each answer shows it', async () => {
  const id = await submit();
  expect(await call('POST', `/pipeline/videos/${id}/pause`)).toMatchObject({
    status: 200,
    body: { video_id: id, status: 'queued', waiting_for: 'paused', paused: true },
  });
  expect(await call('POST', `/pipeline/videos/${id}/resume`, {})).toMatchObject({
    body: { waiting_for: 'place', paused: false },
  });
});

test('a new priority is shown, and a wrong one names its field', async () => {
  const id = await submit();
  expect(await call('PATCH', `/pipeline/videos/${id}`, { priority: 9 })).toMatchObject({
    body: { priority: 9 },
  });
  expect(await call('PATCH', `/pipeline/videos/${id}`, { priority: 11 })).toMatchObject({
    status: 422,
    body: { code: 'invalid_request', errors: [{ field: 'priority' }] },
  });
});

test('a cap is changed within the ceiling and not below what is spent, and the audit log says who, from and to', async () => {
  const id = await submit();
  await deps.pool.query('UPDATE video_budget SET spent = 0.7, held = 0.1 WHERE video_id = $1', [id]);
  const change = (body: unknown) => call('PATCH', `/pipeline/videos/${id}`, body);
  const refused = (message: string) => ({
    status: 422,
    body: {
      code: 'invalid_request',
      errors: [{ field: 'max_cost', message: expect.stringContaining(message) }],
    },
  });
  expect(await change({ max_cost: 3.000001, priority: 9 })).toMatchObject(refused('COST_CEILING_USD'));
  expect(await change({ max_cost: '0.799999' })).toMatchObject(refused('$0.80'));
  for (const max_cost of [-1, 0, 1e12, 2.0000001, 'much', null]) {
    expect(await change({ max_cost })).toMatchObject(refused('dollars'));
  }
  expect(await change({})).toMatchObject({ status: 422 });
  expect(await change({ max_cost: 0.8 })).toMatchObject({ status: 200, body: { priority: 5 } });
  expect(await change({ max_cost: '2.5' })).toMatchObject({ status: 200, body: { max_cost: 2.5 } });
  expect(await change({ max_cost: 2.5 })).toMatchObject({ status: 200 });
  const { rows } = await deps.pool.query(
    'SELECT who, action, detail FROM audit_log WHERE video_id = $1 ORDER BY id',
    [id],
  );
  expect(rows).toEqual([
    { who: 'local', action: 'max_cost', detail: { before: 3, after: 0.8 } },
    { who: 'local', action: 'max_cost', detail: { before: 0.8, after: 2.5 } },
  ]);
});

test('a retry that its cap has no room for says how to raise it', async () => {
  const id = await submit();
  await deps.pool.query('UPDATE video_budget SET spent = 2.7 WHERE video_id = $1', [id]);
  await end(id, 'cancelled');
  const { status, body } = await call('POST', `/pipeline/videos/${id}/retry`);
  expect({ status, code: body['code'] }).toEqual({ status: 409, code: 'cap_reached' });
  expect(body['detail']).toContain(
    `needs a cap of $3.10: raise its max_cost with PATCH /pipeline/videos/${id}`,
  );
});

test('what an end forbids is a conflict that says what to do', async () => {
  const id = await submit();
  expect(await call('POST', `/pipeline/videos/${id}/retry`)).toMatchObject({
    status: 409,
    body: { code: 'video_not_ended' },
  });
  await end(id, 'failed');
  expect(await call('POST', `/pipeline/videos/${id}/pause`)).toMatchObject({
    status: 409,
    body: { code: 'video_ended' },
  });
  expect(await call('POST', `/pipeline/videos/${id}/cancel`)).toMatchObject({
    status: 200,
    body: { status: 'failed' },
  });
});

test('a retry names the stage to begin from, or none', async () => {
  const id = await submit();
  await end(id, 'failed');
  expect(await call('POST', `/pipeline/videos/${id}/retry`, { from_stage: 'upload' })).toMatchObject({
    status: 422,
  });
  expect(await call('POST', `/pipeline/videos/${id}/retry`, { from_stage: 'video_rendering' })).toMatchObject(
    {
      status: 200,
      body: { status: 'queued' },
    },
  );
});

test('the pipeline is paused, resumed and halted by name, and asking twice is asking once', async () => {
  for (const [path, status] of [
    ['/pipeline/pause', 'paused'],
    ['/pipeline/pause', 'paused'],
    ['/pipeline/emergency/halt', 'halted'],
    ['/pipeline/resume', 'running'],
  ] as const) {
    expect(await call('POST', path)).toMatchObject({ status: 200, body: { status } });
  }
  const { rows } = await deps.pool.query<{ action: string }>(
    'SELECT action FROM audit_log WHERE video_id IS NULL ORDER BY id',
  );
  expect(rows.map(({ action }) => action)).toEqual(['pause_all', 'emergency_halt', 'resume_all']);
});

test('who watches is told of each move, and of one that changes nothing only once', async () => {
  const told: string[] = [];
  const stop = new AbortController();
  const following = (async () => {
    for await (const event of deps.events.follow(null, `${Date.now()}-0`, stop.signal)) {
      if ('change' in event) told.push(`${event.type} ${event.change} ${event.video_id}`);
    }
  })();
  const id = await submit();
  const path = `/pipeline/videos/${id}`;
  for (const move of ['pause', 'pause', 'resume']) await call('POST', `${path}/${move}`);
  await call('PATCH', path, { priority: 9, max_cost: 2 });
  await end(id, 'failed');
  await call('PATCH', path, { max_cost: 2.5 });
  for (const move of ['pause', 'resume', 'emergency/halt']) await call('POST', `/pipeline/${move}`);
  const moves = ['paused', 'resumed', 'priority', 'max_cost'].map(
    (change) => `video.changed ${change} ${id}`,
  );
  const all = ['paused', 'resumed', 'halted'].map((change) => `pipeline.changed ${change} null`);
  await expect.poll(() => told).toEqual([...moves, ...all]);
  stop.abort();
  await following;
});

test('an unknown video is not found by any move', async () => {
  const path = '/pipeline/videos/0b0f2a52-6a52-4d3c-9d3e-9a8a1f6f0a11';
  for (const move of ['cancel', 'pause', 'resume', 'retry']) {
    expect(await call('POST', `${path}/${move}`)).toMatchObject({
      status: 404,
      body: { code: 'video_not_found' },
    });
  }
});

test('after a halt a waiting video says so, until the pipeline is resumed', async () => {
  await call('POST', '/pipeline/emergency/halt');
  const id = await submit();
  const waitingFor = async () => (await call('GET', `/pipeline/status/${id}`)).body['waiting_for'];
  expect(await waitingFor()).toBe('halted');
  await call('POST', '/pipeline/resume');
  expect(await waitingFor()).toBe('place');
  await call('POST', '/pipeline/pause');
  expect(await waitingFor()).toBe('paused');
});
