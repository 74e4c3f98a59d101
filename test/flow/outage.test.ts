import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { throughGate } from '../../activities/providers/gated.ts';
import { StageError } from '../../domain/errors.ts';
import { listProviders, registerProviders, resumeProvider } from '../../infra/providers/registry.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { CHAT, openScriptedPipeline, outlast, type ScriptedPipeline } from '../support/outage.ts';
import type { TestPipeline } from '../support/test-pipeline.ts';

const FOOTAGE = 'pexels';

let scripted: ScriptedPipeline;
let pipeline: TestPipeline;
let collectFootage: () => Promise<void>;

beforeAll(async () => {
  scripted = await openScriptedPipeline({
    media_collection: async (context) => {
      await throughGate(pipeline.deps, FOOTAGE, context, () => collectFootage());
      return fakeProduct('media_collection');
    },
  });
  pipeline = scripted.pipeline;
});

beforeEach(async () => {
  scripted.openai.reset();
  collectFootage = async () => undefined;
  await resumeProvider(pipeline.deps, CHAT, 'test');
});

afterAll(() => scripted.close());

test('an outage of an hour leaves the orders waiting and none failed, and then all are made', {
  timeout: 240_000,
}, async () => {
  const { ended, runs, calls } = await outlast(scripted, 24);
  expect(ended).toBe(0);
  expect(runs).toBeLessThanOrEqual(1);
  // Five that close it, those under way just then, one probe for each closing: not every video that waits.
  expect(calls).toBeLessThan(22);
  expect(await listProviders(pipeline.deps)).toMatchObject([{ name: CHAT, state: 'open' }]);
});

test('a refused key makes videos wait for the operator, not those with a script of their own', async () => {
  scripted.openai.script('chat', { status: 401 });
  const first = await pipeline.submit();
  const waiting = await pipeline.until(first, ({ waiting_for }) => waiting_for === `provider:${CHAT}`);
  expect(waiting).toMatchObject({ status: 'queued', reason: 'provider_closed', retry_count: 0, eta: null });
  expect(waiting.errors).toMatchObject([
    { stage: 'script_generation', attempt: 1, kind: 'provider_account', severity: 'critical' },
  ]);
  expect(waiting.errors[0]?.next).toBe(`the video waits for ${CHAT} without its place`);
  expect(await pipeline.told(first, 'provider.closed')).toContainEqual(
    expect.objectContaining({ type: 'provider.closed', provider: CHAT, closed_until: null }),
  );
  const second = await pipeline.submit();
  const own = await pipeline.submit({
    prompt: undefined as never,
    script: 'The sea is deep. It glows at night.',
  });
  expect(await pipeline.ended(own)).toMatchObject({ status: 'completed' });
  expect(scripted.openai.calls.chat).toBe(1);
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
  expect(scripted.openai.calls.chat).toBe(1);
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
  expect(view.errors.map(({ next }) => next)).toContain('the video waits without its place');
  expect(await pipeline.told(videoId, 'stage.alert')).toContainEqual(
    expect.objectContaining({ type: 'stage.alert', stage: 'quality_validation', severity: 'infrastructure' }),
  );
});
