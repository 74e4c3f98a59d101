import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { throughGate } from '../../activities/providers/gated.ts';
import { gatedLlm } from '../../activities/providers/gated-ports.ts';
import { createScriptGeneration } from '../../activities/script-generation.ts';
import type { StageContext, StageWork } from '../../activities/stage.ts';
import { StageError } from '../../domain/errors.ts';
import type { PipelineEvent } from '../../domain/events.ts';
import { listProviders, registerProviders, resumeProvider } from '../../infra/providers/registry.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fakes/openai.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const CHAT = 'loopback-chat';
const FOOTAGE = 'pexels';
/** A closing of a minute, shortened: after six of them an outage of an hour is over. */
const MINUTE_MS = 40;

let openai: FakeOpenAi;
let pipeline: TestPipeline;
let writeScript: StageWork<'script_generation'>;
let collectFootage: () => Promise<void>;

beforeAll(async () => {
  openai = await startFakeOpenAi();
  pipeline = await TestPipeline.create({
    config: {
      providers: { chat: { baseUrl: openai.url, model: 'gpt-4o-mini' } },
      times: { providerClosedMs: MINUTE_MS, troubleAlertMs: 60, troubleReleaseMs: 250 },
    },
    works: {
      script_generation: (context) => writeScript(context),
      media_collection: async (context: StageContext) => {
        await throughGate(pipeline.deps, FOOTAGE, context, () => collectFootage());
        return fakeProduct('media_collection');
      },
    },
  });
  writeScript = createScriptGeneration(gatedLlm(pipeline.deps));
});

beforeEach(async () => {
  openai.reset();
  openai.outage(false);
  collectFootage = async () => undefined;
  await resumeProvider(pipeline.deps, CHAT, 'test');
});

afterAll(async () => {
  await pipeline.close();
  await openai.close();
});

async function count(condition: string): Promise<number> {
  const { rows } = await pipeline.deps.pool.query<{ videos: number }>(
    `SELECT count(*) AS videos FROM video_queue WHERE ${condition}`,
  );
  return rows[0]?.videos ?? 0;
}

async function eventsOf(videoId: string): Promise<PipelineEvent[]> {
  return pipeline.deps.events.past(videoId);
}

test('an outage of an hour leaves a hundred orders waiting and none failed, and then all are made', {
  timeout: 180_000,
}, async () => {
  openai.outage(true);
  for (let n = 0; n < 100; n += 1) await pipeline.submit();
  const { pool } = pipeline.deps;
  await eventually(
    async () => (await pool.query('SELECT closings FROM provider_state WHERE name = $1', [CHAT])).rows[0],
    ({ closings }) => closings >= 6,
    60_000,
  );
  expect(await count(`status IN ('failed', 'cancelled', 'completed')`)).toBe(0);
  expect(await count('retry_count > 1')).toBe(0);
  // Five that close it, those under way just then, one probe for each closing: not a hundred videos that all try.
  expect(openai.calls.chat).toBeLessThan(5 + 7 + 10);
  openai.outage(false);
  const done = () => count(`status = 'completed'`);
  await eventually(done, (videos) => videos === 100, 120_000);
  expect(await listProviders(pipeline.deps)).toMatchObject([{ name: CHAT, state: 'open' }]);
});

test('a refused key makes videos wait for the operator, not those with a script of their own', async () => {
  openai.script('chat', { status: 401 });
  const first = await pipeline.submit();
  const waiting = await pipeline.until(first, ({ waiting_for }) => waiting_for === `provider:${CHAT}`);
  expect(waiting).toMatchObject({ status: 'queued', reason: 'provider_closed', retry_count: 0, eta: null });
  expect(waiting.errors).toMatchObject([
    { stage: 'script_generation', attempt: 1, kind: 'provider_account', severity: 'critical' },
  ]);
  expect(waiting.errors[0]?.next).toBe(`the video waits for ${CHAT} without its place`);
  expect(await eventsOf(first)).toContainEqual(
    expect.objectContaining({ type: 'provider.closed', provider: CHAT, closed_until: null }),
  );
  const second = await pipeline.submit();
  const own = await pipeline.submit({
    prompt: undefined as never,
    script: 'The sea is deep. It glows at night.',
  });
  expect(await pipeline.ended(own)).toMatchObject({ status: 'completed' });
  expect(openai.calls.chat).toBe(1);
  await resumeProvider(pipeline.deps, CHAT, 'test');
  expect(await pipeline.ended(first)).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(await pipeline.ended(second)).toMatchObject({ status: 'completed', errors: [] });
});

test('a video in production that meets a closed provider keeps its finished stages and goes on later', async () => {
  const { pool, deps } = { pool: pipeline.deps.pool, deps: pipeline.deps };
  await pool.query(`INSERT INTO provider_state (name, kind) VALUES ($1, 'footage')`, [FOOTAGE]);
  collectFootage = async () => {
    throw new StageError('provider_account', 'no balance');
  };
  const videoId = await pipeline.submit();
  const waiting = await pipeline.until(videoId, ({ waiting_for }) => waiting_for === `provider:${FOOTAGE}`);
  expect(waiting).toMatchObject({ status: 'queued', retry_count: 0 });
  collectFootage = async () => undefined;
  await resumeProvider(deps, FOOTAGE, 'test');
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  expect(openai.calls.chat).toBe(1);
  await registerProviders(deps, []);
});

test('trouble of our own servers raises an alert, then gives the place back, and counts nothing', async () => {
  let full = true;
  const videoId = await pipeline.submit(
    {},
    {
      quality_validation: async () => {
        if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return fakeProduct('quality_validation');
      },
    },
  );
  await pipeline.until(videoId, ({ status, reason }) => status === 'queued' && reason === 'infrastructure');
  full = false;
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(view.errors.every(({ kind }) => kind === 'infrastructure')).toBe(true);
  expect(view.errors.at(-1)?.next).toBe('the video waits without its place');
  expect(await eventsOf(videoId)).toContainEqual(
    expect.objectContaining({ type: 'stage.alert', stage: 'quality_validation', severity: 'infrastructure' }),
  );
});
