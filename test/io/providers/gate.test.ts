import { afterAll, beforeEach, expect, test } from 'vitest';
import { type ErrorKind, StageError } from '../../../domain/errors.ts';
import { enterGate, noteFailure, noteSuccess, type Pass } from '../../../infra/providers/gate.ts';
import { listProviders, registerProviders, resumeProvider } from '../../../infra/providers/registry.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const CHAT = { name: 'openai-chat', kind: 'llm', account: 'key one', standIn: null } as const;
const HOUR_MS = 3_600_000;

const deps = await createTestDeps({ times: { providerClosedMs: HOUR_MS } });
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM provider_state');
  await registerProviders(deps, [CHAT]);
});

async function enter(): Promise<Pass> {
  const { pass } = await enterGate(deps, CHAT.name);
  if (!pass) throw new Error('the gate is closed');
  return pass;
}

async function fail(kind: ErrorKind, pass?: Pass) {
  return noteFailure(deps, pass ?? (await enter()), new StageError(kind, `${kind} of the test`));
}

async function failFiveTimes(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await fail('connection');
}

/** The time of the closing is over. */
async function letTimePass(): Promise<void> {
  await deps.pool.query(`UPDATE provider_state SET closed_until = clock_timestamp() - interval '1 ms'`);
}

async function closedForMs(): Promise<number> {
  const { rows } = await deps.pool.query<{ ms: number }>(
    'SELECT (extract(epoch FROM closed_until - changed_at) * 1000)::float8 AS ms FROM provider_state',
  );
  return Math.round((rows[0]?.ms ?? 0) / 60_000) * 60_000;
}

test('the fifth failure in a row closes a provider for its time, whoever made the others', async () => {
  const passes = await Promise.all(Array.from({ length: 5 }, enter));
  const after = await Promise.all(passes.map((pass) => fail('server_error', pass)));
  expect(after.filter(({ closing }) => closing)).toHaveLength(1);
  expect(await listProviders(deps)).toMatchObject([
    { name: 'openai-chat', kind: 'llm', state: 'closed', reason: 'server_error of the test' },
  ]);
  expect(await closedForMs()).toBe(HOUR_MS);
  expect(await enterGate(deps, CHAT.name)).toMatchObject({ pass: null, closed: { name: 'openai-chat' } });
});

test('a success, and any answer of the service, begins the count anew', async () => {
  for (const kind of ['rate_limited', 'invalid_response'] as const) {
    for (let n = 0; n < 4; n += 1) await fail('timeout');
    await fail(kind);
  }
  for (let n = 0; n < 4; n += 1) await fail('timeout');
  await noteSuccess(deps, await enter());
  await fail('timeout');
  expect(await listProviders(deps)).toMatchObject([{ state: 'open' }]);
});

test('of twenty that come when the time is over one may try, and its success opens the gate', async () => {
  await failFiveTimes();
  await letTimePass();
  const entries = await Promise.all(Array.from({ length: 20 }, () => enterGate(deps, CHAT.name)));
  const passed = entries.flatMap(({ pass }) => (pass ? [pass] : []));
  expect(passed).toHaveLength(1);
  expect(await noteSuccess(deps, passed[0] as Pass)).toBe(true);
  expect(await listProviders(deps)).toMatchObject([{ state: 'open', reason: null, closed_until: null }]);
});

test('a probe that fails closes it for twice as long, and one that dies gives way to the next', async () => {
  await failFiveTimes();
  await letTimePass();
  expect(await fail('connection')).toMatchObject({ closing: true, closed: { name: 'openai-chat' } });
  expect(await closedForMs()).toBe(2 * HOUR_MS);
  await letTimePass();
  await enter();
  expect((await enterGate(deps, CHAT.name)).pass).toBeNull();
  await deps.pool.query('UPDATE provider_state SET probe_until = clock_timestamp()');
  await enter();
});

test('a probe that fails for a reason of our own gives the probe back', async () => {
  await failFiveTimes();
  await letTimePass();
  expect(await fail('infrastructure')).toEqual({ closed: null, closing: false, opened: false });
  await enter();
});

test('a call that was under way when the provider closed is told so, and closes nothing twice', async () => {
  const late = await enter();
  await failFiveTimes();
  expect(await fail('connection', late)).toMatchObject({ closing: false, closed: { name: 'openai-chat' } });
  expect(await closedForMs()).toBe(HOUR_MS);
  expect(await noteSuccess(deps, late)).toBe(false);
  expect(await listProviders(deps)).toMatchObject([{ state: 'closed' }]);
});

test('a refused account closes at once and for good, until an operator resumes it, which is audited once', async () => {
  const late = await enter();
  expect(await fail('provider_account')).toEqual({
    closed: { name: 'openai-chat', until: null },
    closing: true,
    opened: false,
  });
  expect(await fail('connection', late)).toMatchObject({ closing: false, closed: { until: null } });
  expect((await enterGate(deps, CHAT.name)).pass).toBeNull();
  for (let n = 0; n < 2; n += 1) {
    expect(await resumeProvider(deps, CHAT.name, 'operator')).toMatchObject({ state: 'open' });
  }
  const { rows } = await deps.pool.query(
    `SELECT who, detail FROM audit_log WHERE action = 'resume_provider'`,
  );
  expect(rows).toEqual([{ who: 'operator', detail: { provider: 'openai-chat' } }]);
  await enter();
  expect(await resumeProvider(deps, 'nobody', 'operator')).toBeNull();
});

test('an allowance that is used up closes it until the service says that more is allowed', async () => {
  const error = new StageError('quota', 'all that a day allows', { retryAfterMs: 2 * HOUR_MS });
  expect(await noteFailure(deps, await enter(), error)).toMatchObject({ closing: true });
  expect(await closedForMs()).toBe(2 * HOUR_MS);
  await letTimePass();
  expect(await fail('quota')).toMatchObject({ closing: true });
  expect(await closedForMs()).toBe(15 * 60_000);
  await letTimePass();
  expect(await noteSuccess(deps, await enter())).toBe(true);
});

test('a restart keeps a gate closed, another key opens it, and what is no longer configured is gone', async () => {
  await fail('provider_account');
  await registerProviders(deps, [CHAT]);
  expect(await listProviders(deps)).toMatchObject([{ state: 'closed' }]);
  await registerProviders(deps, [{ ...CHAT, account: 'key two' }]);
  expect(await listProviders(deps)).toMatchObject([{ state: 'open' }]);
  await registerProviders(deps, []);
  expect(await listProviders(deps)).toEqual([]);
  await enter();
});
