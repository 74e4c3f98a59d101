import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { dryBatch } from '../../../api/openapi/answers.ts';
import { channel, charged, dayCosts, videoCosts } from '../../../api/openapi/cost-answers.ts';
import { billOf } from '../../../infra/money/bill.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { ensureSearchAttributes } from '../../../infra/temporal/temporal.ts';
import { endRow } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const app = createApp(deps);

beforeAll(() => ensureSearchAttributes(deps.temporal, deps.config));
afterAll(() => deps.close());
beforeEach(() => deps.pool.query('DELETE FROM video_queue'));

async function submit(order = {}): Promise<string> {
  const answer = await submitOrder(deps, anOrder(order));
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

async function call(method: string, path: string, body?: unknown) {
  const response = await app.request(`http://127.0.0.1${path}`, {
    method,
    headers: { host: '127.0.0.1', 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const charge = (videoId: string, more = {}) =>
  call('POST', `/costs/video/${videoId}`, {
    id: 'invoice-7',
    service: 'youtube_api',
    operation: 'thumbnail test',
    amount: 0.25,
    ...more,
  });

interface Line {
  key?: string;
  stage?: string | null;
  attempt?: number | null;
  service?: string;
  amount: string;
  state?: string;
  at?: string;
}

async function ledgerLine(videoId: string, line: Line): Promise<void> {
  const { stage = null, attempt = null, service = 'openai', amount, state = 'charged' } = line;
  await deps.pool.query(
    `INSERT INTO pipeline_costs (video_id, key, stage, attempt, service, operation, provider, model, quantity, unit,
       amount, state, timestamp) VALUES ($1, $2, $3, $4, $5, 'o', 'p', 'm', 1, 'u', $6, $7, ${line.at ?? 'now()'})`,
    [videoId, line.key ?? randomUUID(), stage, attempt, service, amount, state],
  );
}

const ledgerOf = async (videoId: string) =>
  (await deps.pool.query('SELECT amount, state FROM pipeline_costs WHERE video_id = $1', [videoId])).rows;

test('the costs of a video add up by service and by attempt, and what was saved is no part of them', async () => {
  const id = await submit();
  const script = { stage: 'script_generation', attempt: 1 };
  await ledgerLine(id, { ...script, amount: '0.300000' });
  await ledgerLine(id, { ...script, amount: '0.100001' });
  await ledgerLine(id, { ...script, attempt: 2, amount: '0.200000', state: 'assumed' });
  await ledgerLine(id, {
    stage: 'audio_synthesis',
    attempt: 1,
    service: 'tts',
    amount: '0.050000',
    state: 'held',
  });
  await ledgerLine(id, { ...script, attempt: 2, amount: '0.300000', state: 'saved' });
  await ledgerLine(id, { ...script, attempt: 2, amount: '0.700000', state: 'refunded' });
  await deps.pool.query('UPDATE video_budget SET spent = 0.600001, held = 0.05 WHERE video_id = $1', [id]);
  const { body } = await call('GET', `/costs/video/${id}`);
  const none = { held: 0, assumed: 0, saved: 0 };
  expect(videoCosts.parse(body)).toEqual({
    video_id: id,
    total_cost: 0.600001,
    held: 0.05,
    assumed: 0.2,
    saved: 0.3,
    cap: 3,
    within_budget: true,
    breakdown: { openai: { total: 0.600001, count: 3, average: 0.2 } },
    stages: [
      { stage: 'script_generation', attempt: 1, ...none, total: 0.400001 },
      { stage: 'script_generation', attempt: 2, ...none, total: 0.2, assumed: 0.2, saved: 0.3 },
      { stage: 'audio_synthesis', attempt: 1, ...none, total: 0, held: 0.05 },
    ],
  });
});

test('a charge from outside is in the ledger once, however often it is sent, also at once', async () => {
  const id = await submit();
  const first = await charge(id);
  expect(first).toMatchObject({ status: 200, body: { video_id: id, amount: 0.25, total_cost: 0.25 } });
  charged.parse(first.body);
  const again = await Promise.all(Array.from({ length: 5 }, () => charge(id, { amount: '0.250000' })));
  for (const each of again) expect(each).toEqual(first);
  expect(await ledgerOf(id)).toEqual([{ amount: '0.250000', state: 'charged' }]);
  expect(await call('GET', `/costs/video/${id}`)).toMatchObject({
    body: { total_cost: 0.25, stages: [{ stage: null, attempt: null, total: 0.25 }] },
  });
});

test('the same id for another service is the charge that is there, and the answer says so', async () => {
  const id = await submit();
  const first = await charge(id, { service: 'youtube_api', operation: 'upload' });
  expect(await charge(id, { service: 'openai', operation: 'chat' })).toEqual(first);
  expect(await ledgerOf(id)).toHaveLength(1);
});

test('the same id with another amount is a conflict, and nothing is recorded', async () => {
  const id = await submit();
  await charge(id);
  expect(await charge(id, { amount: 0.26 })).toMatchObject({
    status: 409,
    body: { code: 'charge_conflict', detail: expect.stringContaining('$0.25') },
  });
  expect(await ledgerOf(id)).toHaveLength(1);
  expect(await charge(await submit(), { amount: 0.26 })).toMatchObject({ status: 200 });
});

test.each([
  ['amount', -0.25],
  ['amount', 0],
  ['amount', 1e12],
  ['amount', 1000.000001],
  ['amount', 0.1234567],
  ['amount', '1e-3'],
  ['amount', 'NaN'],
  ['amount', null],
  ['service', 'external'],
  ['service', 'opemai'],
  ['operation', 'two\nlines'],
  ['id', ''],
  ['id', 'a\0b'],
  ['currency', 'EUR'],
])('a charge whose %s is %j is refused by its name, and nothing is recorded', async (field, value) => {
  const id = await submit();
  const { status, body } = await charge(id, { [field]: value });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain(field);
  expect(await ledgerOf(id)).toEqual([]);
  expect(await call('GET', `/costs/video/${id}`)).toMatchObject({ body: { total_cost: 0 } });
});

test('NaN is no JSON, and a charge for an unknown video is not found', async () => {
  const id = await submit();
  expect(await call('POST', `/costs/video/${id}`, '{"amount": NaN}')).toMatchObject({ status: 400 });
  expect(await charge(randomUUID())).toMatchObject({ status: 404, body: { code: 'video_not_found' } });
  expect(await call('GET', `/costs/video/${randomUUID()}`)).toMatchObject({ status: 404 });
});

test('a charge for a video that has ended is recorded and alerted, and its end stays', async () => {
  const id = await submit();
  await endRow(deps, id, { status: 'completed', cost: '2.700000' });
  expect(await charge(id, { amount: 0.4 })).toMatchObject({ status: 200, body: { total_cost: 3.1 } });
  expect(await call('GET', `/pipeline/status/${id}`)).toMatchObject({
    body: { status: 'completed', reason: null, actual_cost: 3.1 },
  });
  expect(await call('GET', `/costs/video/${id}`)).toMatchObject({ body: { within_budget: false } });
  expect((await deps.events.past(id)).map(({ type }) => type)).toContain('cost.alert');
});

test('a video that has spent all of its cap is over its budget, as its bill says', async () => {
  const id = await submit();
  await charge(id, { amount: 3 });
  expect(await call('GET', `/costs/video/${id}`)).toMatchObject({ body: { within_budget: false } });
  expect(await billOf(deps.pool, id)).toMatchObject({ within_budget: false });
});

test('a day has its charges by service and channel, and the cost per video that ended on it', async () => {
  const [first, second] = [await submit({ channel_id: 'a' }), await submit({ channel_id: 'b' })];
  await ledgerLine(first, { amount: '1.000000' });
  await ledgerLine(second, { amount: '0.500000', service: 'tts' });
  await ledgerLine(second, { amount: '9.000000', at: `now() - interval '48 hours'` });
  await ledgerLine(second, { amount: '7.000000', state: 'saved' });
  await endRow(deps, first, { status: 'completed', cost: '1.000000' });
  const { body } = await call('GET', '/costs/daily');
  expect(dayCosts.parse(body)).toEqual({
    date: new Date().toISOString().slice(0, 10),
    videos_processed: 1,
    total_cost: 1.5,
    average_cost: 1,
    max_cost: 1,
    services: {
      openai: { total: 1, count: 1, average: 1 },
      tts: { total: 0.5, count: 1, average: 0.5 },
    },
    channels: { a: { total: 1, videos_processed: 1 }, b: { total: 0.5, videos_processed: 0 } },
  });
  const past = new Date(Date.now() - 48 * 3_600_000).toISOString().slice(0, 10);
  expect(await call('GET', `/costs/daily?date=${past}`)).toMatchObject({
    body: { date: past, total_cost: 9, videos_processed: 0, average_cost: null, max_cost: null },
  });
});

test.each(['2026-02-30', '2026-1-1', 'today', '1'])('%s is no day', async (date) => {
  expect(await call('GET', `/costs/daily?date=${date}`)).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'date' }] },
  });
});

test('a channel has no limit until it is given one, and each change is audited', async () => {
  const path = `/channels/${encodeURIComponent('my channel/1')}`;
  const unlimited = { channel_id: 'my channel/1', daily_limit: null, counted_today: 0 };
  expect(channel.parse((await call('GET', path)).body)).toEqual(unlimited);
  expect(await call('PUT', path, { daily_limit: '12.5' })).toMatchObject({ body: { daily_limit: 12.5 } });
  expect(await call('PUT', path, { daily_limit: 12.5 })).toMatchObject({ status: 200 });
  expect((await call('PUT', path, { daily_limit: null })).body).toEqual(unlimited);
  const { rows } = await deps.pool.query(
    `SELECT who, detail FROM audit_log WHERE action = 'channel_limit' ORDER BY id`,
  );
  expect(rows).toEqual([
    { who: 'local', detail: { channel_id: 'my channel/1', before: null, after: 12.5 } },
    { who: 'local', detail: { channel_id: 'my channel/1', before: 12.5, after: null } },
  ]);
});

test.each([{}, { daily_limit: -1 }, { daily_limit: 'much' }, { daily_limit: 1.0000001 }, { limit: 1 }])(
  'a limit of %j is refused and changes nothing',
  async (body) => {
    expect(await call('PUT', '/channels/x', body)).toMatchObject({ status: 422 });
    expect(await call('GET', '/channels/x')).toMatchObject({ body: { daily_limit: null } });
  },
);

test('a dry run of a batch shows what videos of its complexities have cost', async () => {
  const orders = [{ prompt: 'A' }, { prompt: 'B', complexity: 'premium' }];
  const preview = async () => (await call('POST', '/pipeline/batch', { orders, dry_run: true })).body;
  expect(dryBatch.parse(await preview())).toMatchObject({ history: { simple: null, premium: null } });
  for (const cost of ['0.100000', '0.300000', '0.200000']) {
    await endRow(deps, await submit(), { status: 'completed', cost });
  }
  await endRow(deps, await submit(), { status: 'failed', cost: '2.000000' });
  await endRow(deps, await submit({ complexity: 'premium' }), { status: 'completed', cost: '1.000000' });
  const { estimated_cost, history } = dryBatch.parse(await preview());
  expect(estimated_cost).toBe(4.8);
  expect(history).toEqual({
    simple: { videos: 3, mean: 0.2, standard_deviation: 0.1 },
    premium: { videos: 1, mean: 1, standard_deviation: null },
  });
});
