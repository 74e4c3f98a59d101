import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createStageActivities } from '../../../activities/index.ts';
import type { StageInput, StageOutcome } from '../../../domain/contract.ts';
import { billOf } from '../../../infra/money/bill.ts';
import { error, type FakeOpenAi, startFakeOpenAi } from '../../support/fakes/openai.ts';
import { ANSWER_UNITS, KEY } from '../../support/fakes/openai-llm.ts';
import { paidPrices } from '../../support/fakes/paid-prices.ts';
import { anOrder, createTestDeps, type TestDeps } from '../../support/test-deps.ts';

/** The script stage as production wires it, from config to ledger, with OpenAI played by the fake. */
let fake: FakeOpenAi;
let deps: TestDeps;
let input: StageInput;

beforeAll(async () => {
  fake = await startFakeOpenAi({ key: KEY });
  const chat = { baseUrl: fake.url, model: 'gpt-4o-mini' };
  const base = await createTestDeps({ providers: { chat } });
  deps = { ...base, prices: paidPrices(), secrets: { ...base.secrets, openai: KEY } };
});
beforeEach(async () => {
  fake.reset();
  input = { video_id: randomUUID(), generation: 1, admission_no: 1, lane: 'cpu' };
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, status, request_data, estimated_cost,
       score, lane, admission_no) VALUES ($1, 'u', 'c', 5, 'simple', 'processing', $2, 2, 0, 'cpu', 1)`,
    [input.video_id, JSON.stringify(anOrder())],
  );
  await deps.pool.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, 3)', [input.video_id]);
});
afterAll(async () => {
  await deps.close();
  await fake.close();
});

function writeScript(attempt: number): Promise<StageOutcome> {
  const workflowExecution = { workflowId: `video-${input.video_id}`, runId: `run-${input.video_id}` };
  const info = { attempt, activityId: 'act', workflowExecution };
  const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
  return environment.run(createStageActivities(deps).script_generation, input) as Promise<StageOutcome>;
}

async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  const failure = await running.catch((thrown: unknown) => thrown);
  if (!(failure instanceof ApplicationFailure)) throw new Error('it did not fail');
  return failure;
}

test('an attempt that failed after a paid answer is in the ledger beside the one that succeeded', async () => {
  fake.script('chat', { content: 'No.' }, { status: 503 });
  const failure = await failureOf(writeScript(1));
  expect(failure).toMatchObject({ type: 'server_error', nonRetryable: false });
  const outcome = await writeScript(2);
  const { charges } = await billOf(deps.pool, input.video_id);
  expect(charges.map(({ unit }) => unit)).toEqual([...ANSWER_UNITS, ...ANSWER_UNITS]);
  expect(charges.every(({ service, stage }) => service === 'openai' && stage === 'script_generation')).toBe(
    true,
  );
  const micros = charges.reduce((sum, { amount }) => sum + Math.round(amount * 1e6), 0);
  expect(outcome.total).toBe(micros);
  expect(micros).toBeGreaterThan(0);
  const { rows } = await deps.pool.query(
    `SELECT providers, result->>'source' AS source FROM stage_results WHERE video_id = $1`,
    [input.video_id],
  );
  expect(rows[0].source).toBe('llm');
  expect(rows[0].providers.llm).toMatch(/gpt-4o-mini$/);
});

test('Retry-After of the service is the wait before the next attempt', async () => {
  fake.script('chat', { status: 429, headers: { 'retry-after': '7' } });
  expect(await failureOf(writeScript(1))).toMatchObject({ type: 'rate_limited', nextRetryDelay: 70 });
});

test('an account without balance ends the stage at once, and the error log says what to do', async () => {
  fake.script('chat', { status: 429, body: error('insufficient_quota', 'insufficient_quota', 'quota') });
  const failure = await failureOf(writeScript(1));
  expect(failure).toMatchObject({ type: 'provider_account', nonRetryable: true });
  const { rows } = await deps.pool.query('SELECT error_log FROM video_queue WHERE id = $1', [input.video_id]);
  expect(rows[0].error_log[0]).toMatchObject({
    kind: 'provider_account',
    message: expect.stringContaining('no balance: add credit there, or change OPENAI_API_KEY'),
  });
  expect((await billOf(deps.pool, input.video_id)).charges).toEqual([]);
});
