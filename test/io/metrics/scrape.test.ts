import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { createMetrics } from '../../../infra/metrics/metrics.ts';
import { chargeVideo } from '../../../infra/money/ledger.ts';
import { createSpentInAll } from '../../../infra/money/spent-in-all.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { readScrape } from '../../support/scrapes.ts';
import { anOrder, createTestDeps, registerPlaces, type TestDeps } from '../../support/test-deps.ts';

let deps: TestDeps;

beforeAll(async () => {
  deps = await createTestDeps({ money: { dailyLimit: 50_000_000 } });
});

afterAll(() => deps.close());

/** An API process of its own, as far as its metrics go. */
function anApp(parts: Partial<TestDeps> = {}): Hono {
  return createApp({ ...deps, metrics: createMetrics(), ...parts });
}

async function scrape(app: Hono) {
  const answer = await app.request('/metrics');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return readScrape(await answer.text());
}

async function order(complexity: 'simple' | 'complex' | 'premium'): Promise<string> {
  const answer = await submitOrder(deps, anOrder({ complexity }));
  if (!answer.accepted) throw new Error(answer.code);
  return answer.video_id;
}

test('queue, places, ends, money and gates are shown as Postgres has them, also by a process that has just started', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const first = await order('simple');
  for (const complexity of ['simple', 'simple', 'complex', 'premium'] as const) await order(complexity);
  const line = { operation: 'o', provider: 'p', model: 'm', quantity: 1, unit: 'second' };
  await chargeVideo(
    deps,
    first,
    [
      { ...line, key: 'a', service: 'openai', amount: 400_000 },
      { ...line, key: 'b', service: 'tts', amount: 123_456 },
    ],
    { stage: null, attempt: null },
  );
  const held = await order('simple');
  await deps.pool.query(
    `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, state)
     VALUES ($1, 'h', 'openai', 'o', 'p', 'm', 1, 'second', 0.25, 'held')`,
    [held],
  );
  await deps.pool.query(
    `INSERT INTO provider_state (name, kind, state, closed_until) VALUES ('pexels', 'footage', 'closed', NULL),
       ('openai-chat', 'llm', 'open', NULL), ('openai-speech', 'speech', 'closed', now() - interval '1 s')`,
  );
  await deps.pool.query(
    `INSERT INTO youtube_quota (day, bucket, used) VALUES ((now() AT TIME ZONE 'America/Los_Angeles')::date, 'uploads', 30)`,
  );
  const ended = await order('complex');
  await deps.pool.query(`UPDATE video_queue SET status = 'failed', completed_at = now() WHERE id = $1`, [
    ended,
  ]);

  const shown = await scrape(anApp());
  expect(shown.value('ytempire_postgres_up')).toBe(1);
  expect(shown.value('ytempire_redis_up')).toBe(1);
  expect(shown.value('ytempire_queue_depth', { lane: 'cpu', complexity: 'simple' })).toBe(3);
  expect(shown.value('ytempire_queue_depth', { lane: 'gpu', complexity: 'complex' })).toBe(1);
  expect(shown.value('ytempire_queue_depth', { lane: 'gpu', complexity: 'premium' })).toBe(1);
  expect(shown.value('ytempire_queue_oldest_seconds')).toBeGreaterThan(0);
  expect(shown.value('ytempire_places_offered', { lane: 'cpu' })).toBe(1);
  expect(shown.value('ytempire_places_used', { lane: 'cpu' })).toBe(1);
  expect(shown.value('ytempire_lane_workers', { lane: 'cpu' })).toBe(1);
  expect(shown.value('ytempire_lane_workers', { lane: 'gpu' })).toBe(0);
  expect(shown.value('ytempire_videos_ended', { status: 'failed' })).toBe(1);
  expect(shown.value('ytempire_spend_dollars_total', { service: 'openai' })).toBe(0.4);
  expect(shown.value('ytempire_spend_dollars_total', { service: 'tts' })).toBe(0.123456);
  expect(shown.value('ytempire_spend_today_dollars')).toBe(0.523456);
  expect(shown.value('ytempire_daily_limit_dollars')).toBe(50);
  expect(shown.value('ytempire_holds')).toBe(1);
  expect(shown.value('ytempire_held_dollars')).toBe(0.25);
  expect(shown.value('ytempire_caps_dollars')).toBe(3);
  expect(shown.value('ytempire_provider_open', { provider: 'pexels' })).toBe(0);
  expect(shown.value('ytempire_provider_open', { provider: 'openai-chat' })).toBe(1);
  // The time for which it was left alone is over: the next video tries it.
  expect(shown.value('ytempire_provider_open', { provider: 'openai-speech' })).toBe(1);
  expect(shown.value('ytempire_uploads_left')).toBe(70);
  expect(shown.value('ytempire_artifacts_free_bytes')).toBeGreaterThan(0);
});

test('what was spent is added up from what has come since, and never twice', async () => {
  const videoId = await order('simple');
  const spentInAll = createSpentInAll(deps);
  const spent = async (service: string) => (await spentInAll()).get(service) ?? 0;
  let n = 0;
  const insert = (amount: string, state: string, age: string) =>
    deps.pool.query(
      `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, state, timestamp)
       VALUES ($1, $2, 'storage', 'o', 'p', 'm', 1, 'second', $3, $4, now() - $5::interval)`,
      [videoId, `line ${n++}`, amount, state, age],
    );
  await insert('1', 'charged', '1 hour');
  await insert('0.5', 'held', '1 hour');
  await insert('0.25', 'charged', '1 hour');
  expect(await spent('storage')).toBe(1_250_000);
  expect(await spent('storage')).toBe(1_250_000);
  await deps.pool.query(`UPDATE pipeline_costs SET state = 'assumed' WHERE state = 'held'`);
  await insert('0.125', 'charged', '1 second');
  expect(await Promise.all([spent('storage'), spent('storage')])).toEqual([1_875_000, 1_875_000]);
  await insert('2', 'charged', '30 minutes');
  expect(await spent('storage')).toBe(3_875_000);
  expect(await createSpentInAll(deps)()).toEqual(await spentInAll());
});

test('a hundred scrapes at once ask Postgres once', async () => {
  let asked = 0;
  const query = deps.pool.query.bind(deps.pool);
  const counting = new Proxy(deps.pool, {
    get: (pool, name) =>
      name === 'query'
        ? (...args: Parameters<typeof query>) => {
            asked += 1;
            return query(...args);
          }
        : Reflect.get(pool, name),
  });
  const app = anApp({ pool: counting });
  const texts = await Promise.all(
    Array.from({ length: 100 }, async () => (await app.request('/metrics')).text()),
  );
  expect(asked).toBe(2);
  expect(texts[99]).toContain('ytempire_places_offered{lane="cpu"} 1');
});

test('while Postgres is away the process still tells of itself, and nothing that is not known any more', async () => {
  const away = { query: () => Promise.reject(new Error('ECONNREFUSED')) } as unknown as TestDeps['pool'];
  const shown = await scrape(anApp({ pool: away }));
  expect(shown.value('ytempire_postgres_up')).toBe(0);
  expect(shown.value('ytempire_redis_up')).toBe(1);
  expect(shown.samples('ytempire_places_offered')).toEqual([]);
  expect(shown.samples('ytempire_spend_today_dollars')).toEqual([]);
});

test('requests are counted by route and status, and what a caller makes up gets no series of its own', async () => {
  const app = anApp();
  const videoId = await order('simple');
  const paths = [`/pipeline/status/${videoId}`, ...Array.from({ length: 20 }, (_, n) => `/made/up/${n}`)];
  for (const path of paths) await app.request(path);
  await app.request('/pipeline/queue', { method: 'PROPFIND' });
  const shown = await scrape(app);
  const count = (labels: Record<string, string>) =>
    shown.value('ytempire_http_request_duration_seconds_count', labels);
  expect(count({ method: 'GET', route: '/pipeline/status/:id', status: '200' })).toBe(1);
  expect(count({ method: 'GET', route: 'other', status: '404' })).toBe(20);
  expect(count({ method: 'other', route: '/pipeline/queue', status: '405' })).toBe(1);
  expect(shown.samples('ytempire_http_request_duration_seconds_count')).toHaveLength(3);
});
