import type { Hono } from 'hono';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { accepted, acceptedBatch, dryBatch, dryRun } from '../../../api/openapi/answers.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const app = createApp(deps);

afterAll(() => deps.close());

beforeEach(async () => {
  for (const table of ['video_queue', 'order_requests', 'lane_workers'])
    await deps.pool.query(`DELETE FROM ${table}`);
});

function post(path: string, body: unknown, key?: string, to: Hono = app, bearer?: string) {
  return to.request(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
  });
}

const order = (body: unknown, key?: string, to?: Hono, bearer?: string) =>
  post('/pipeline/queue', body, key, to, bearer);
const batch = (body: unknown, key?: string, to?: Hono) => post('/pipeline/batch', body, key, to);
const bounded = (queueMax: number) => createApp({ ...deps, config: { ...deps.config, queueMax } });

async function videos(): Promise<number> {
  const { rows } = await deps.pool.query('SELECT count(*) AS n FROM video_queue');
  return rows[0].n;
}

test('the same Idempotency-Key and order get the same 202 again, also when the queue is full', async () => {
  const full = bounded(1);
  const first = await order({ prompt: 'one' }, 'k1', full);
  expect(first.status).toBe(202);
  const again = await order({ prompt: 'one', priority: 5 }, 'k1', full);
  expect(again.status).toBe(202);
  expect(await again.json()).toEqual(accepted.parse(await first.json()));
  expect(await videos()).toBe(1);
  expect((await order({ prompt: 'one' }, 'k2', full)).status).toBe(429);
});

test('the same Idempotency-Key with another order is refused, and a batch of one is another', async () => {
  await order({ prompt: 'one' }, 'k1');
  for (const answer of [
    await order({ prompt: 'two' }, 'k1'),
    await batch({ orders: [{ prompt: 'one' }] }, 'k1'),
  ]) {
    expect(await answer.json()).toMatchObject({ status: 422, code: 'idempotency_conflict' });
  }
  expect(await (await order({ prompt: 'one' }, ' ')).json()).toMatchObject({ code: 'invalid_request' });
  expect(await videos()).toBe(1);
});

test('twenty calls at once with one Idempotency-Key make one video', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => order({ prompt: 'one' }, 'k1')));
  const ids = await Promise.all(answers.map(async (answer) => accepted.parse(await answer.json()).video_id));
  expect(new Set(ids).size).toBe(1);
  expect(await videos()).toBe(1);
});

test('each API key has Idempotency-Keys of its own', async () => {
  const made = ['a', 'b'].map((name) => newApiKey(name, 'submit'));
  const keys = parseApiKeys(made.map(({ entry }) => entry).join(','));
  const guarded = createApp({ ...deps, config: { ...deps.config, access: { ...deps.config.access, keys } } });
  const ids = await Promise.all(
    made.map(async ({ key }) => {
      const answer = await order({ prompt: 'one' }, 'k1', guarded, key);
      return accepted.parse(await answer.json()).video_id;
    }),
  );
  expect(new Set(ids).size).toBe(2);
});

test('a dry run tells cost, place and time, and keeps nothing', async () => {
  await order({ prompt: 'one' });
  const answer = await order({ prompt: 'two', complexity: 'complex', dry_run: true }, 'k1');
  expect(answer.status).toBe(200);
  expect(dryRun.parse(await answer.json())).toMatchObject({
    status: 'queued',
    position: 2,
    estimated_cost: 2.5,
    estimated_time: 600,
    eta: null,
  });
  await registerPlaces(deps, { gpu: 1 });
  const now = dryRun.parse(await (await order({ prompt: 'x', complexity: 'complex', dry_run: true })).json());
  expect(now).toMatchObject({ status: 'processing', position: null });
  expect(Date.parse(now.eta ?? '')).toBeGreaterThan(Date.now());
  expect(await videos()).toBe(1);
  const kept = await deps.pool.query('SELECT 1 FROM order_requests');
  expect(kept.rowCount).toBe(0);
});

test('a dry run of orders that were taken with this key says so, also when the queue is full', async () => {
  const orders = [{ prompt: 'a' }, { prompt: 'b' }];
  const full = bounded(2);
  expect((await batch({ orders }, 'k1', full)).headers.get('idempotent-replayed')).toBeNull();
  const again = await batch({ orders }, 'k1', full);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
  const dry = await batch({ orders, dry_run: true }, 'k1', full);
  expect([dry.status, dry.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
  expect(await videos()).toBe(2);
});

test('a dry batch says what the limits of the day leave, and never less than nothing', async () => {
  const left = async (dailyLimit: number | null) => {
    const app = createApp({
      ...deps,
      config: { ...deps.config, money: { ...deps.config.money, dailyLimit } },
    });
    const orders = [
      { prompt: 'a', channel_id: 'capped' },
      { prompt: 'b', channel_id: 'free' },
    ];
    return dryBatch.parse(await (await batch({ orders, dry_run: true }, undefined, app)).json()).left_today;
  };
  await deps.pool.query(`INSERT INTO channels (channel_id, daily_limit) VALUES ('capped', 3), ('other', 9)`);
  expect(await left(null)).toEqual({ all: null, channels: { capped: 3 } });
  await registerPlaces(deps, { cpu: 1 });
  await order({ prompt: 'one', channel_id: 'capped' });
  expect(await left(9_500_000)).toEqual({ all: 7.5, channels: { capped: 1 } });
  expect(await left(1_000_000)).toEqual({ all: 0, channels: { capped: 1 } });
});

test('a batch is taken as a whole, in its order, with the total of its estimates', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const orders = ['a', 'b', 'c'].map((prompt) => ({ prompt }));
  const answer = await batch(
    { orders: [...orders, { prompt: 'd', complexity: 'premium', priority: 1 }] },
    'k1',
  );
  expect(answer.status).toBe(202);
  const body = acceptedBatch.parse(await answer.json());
  expect(body.videos.map(({ position }) => position)).toEqual([null, 1, 2, 3]);
  expect(body.estimated_cost).toBe(8.8);
  const { rows } = await deps.pool.query(
    `SELECT request_data->>'prompt' AS prompt FROM video_queue ORDER BY created_at`,
  );
  expect(rows.map(({ prompt }) => prompt)).toEqual(['a', 'b', 'c', 'd']);
  const dry = await batch({ orders, dry_run: true });
  expect(dryBatch.parse(await dry.json()).videos.map(({ position }) => position)).toEqual([3, 4, 5]);
  expect(await videos()).toBe(4);
});

test('one wrong order refuses the batch, by its index and field', async () => {
  const answer = await batch({
    orders: [
      { prompt: 'a' },
      { prompt: 'b', duration: 1 },
      {},
      { prompt: 'c', colour: 1 },
      { prompt: 'd', dry_run: true },
    ],
  });
  const body = (await answer.json()) as { code: string; errors: { field: string }[] };
  expect(body.code).toBe('invalid_order');
  expect(body.errors.map(({ field }) => field).sort()).toEqual([
    'orders.1.duration',
    'orders.2',
    'orders.3.colour',
    'orders.4.dry_run',
  ]);
  const mute = await batch({ orders: [{ prompt: 'a' }, { prompt: 'b', language: 'de' }] });
  expect(await mute.json()).toMatchObject({ errors: [{ field: 'orders.1.language' }] });
  expect(await videos()).toBe(0);
});

test('a batch that does not fit into the queue is refused as a whole', async () => {
  const full = bounded(3);
  const orders = Array.from({ length: 2 }, (_, n) => ({ prompt: `p${n}` }));
  expect((await batch({ orders }, 'k1', full)).status).toBe(202);
  const refused = await batch({ orders }, 'k2', full);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'queue_full' });
  expect((await batch({ orders }, 'k1', full)).status).toBe(202);
  expect(await videos()).toBe(2);
});
