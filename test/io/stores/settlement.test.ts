import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { SettleRequest, StageInput } from '../../../domain/contract.ts';
import { claim } from '../../../infra/queue/claim.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { settle } from '../../../infra/queue/settle.ts';
import { finishRun, loadStage } from '../../../infra/stages/stage-records.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { admittedVideo, anOrder, createTestDeps } from '../../support/test-deps.ts';
import { beginAs, results } from './stage-builders.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

let input: StageInput;
beforeEach(async () => {
  input = await admittedVideo(deps);
});

const claimAs = (chain: string, over: Partial<StageInput> = {}) => claim(deps, { ...input, ...over, chain });

const settleAs = (status: SettleRequest['status'], over: Partial<SettleRequest> = {}) =>
  settle(deps, {
    video_id: input.video_id,
    generation: 1,
    admission_no: 1,
    chain: 'a',
    status,
    reason: status === 'completed' ? null : 'operator_cancel',
    stage: status === 'completed' ? null : 'video_rendering',
    message: status === 'completed' ? null : 'stopped by hand',
    ...over,
  });

async function makeAll(): Promise<void> {
  for (const [stage, result] of Object.entries(results)) {
    const name = stage as keyof typeof results;
    const begun = await beginAs(deps, input, name);
    await finishRun(deps, begun, input, name, {
      result,
      providers: { [stage]: 'offline' },
      charges: [],
      inputHash: 'h',
      warnings: [],
    });
  }
}

const view = () => readVideo(deps, input.video_id);
const finals = async () => (await deps.events.past(input.video_id)).slice(2);

test('three deliveries of one admission give one claim, and its owner may claim again', async () => {
  const answers = await Promise.all([claimAs('a'), claimAs('b'), claimAs('c')]);
  expect(answers.filter((answer) => answer.claimed)).toHaveLength(1);
  const owner = ['a', 'b', 'c'][answers.findIndex((answer) => answer.claimed)] ?? '';
  expect(await claimAs(owner)).toEqual({
    claimed: true,
    lane: 'cpu',
    cap: 3_000_000,
    spend: { total: 0, seq: 0 },
    priority: 5,
    run: 1,
    paused: false,
    video_paused: false,
    version: 0,
    stored: [],
  });
});

test('an admission of another number or generation cannot be claimed, nor one of a video that has ended', async () => {
  expect(await claimAs('a', { admission_no: 0 })).toEqual({ claimed: false });
  expect(await claimAs('a', { admission_no: 2 })).toEqual({ claimed: false });
  expect(await claimAs('a', { generation: 2 })).toEqual({ claimed: false });
  await settleAs('cancelled');
  expect(await claimAs('a')).toEqual({ claimed: false });
});

test('a completed video shows its result, its end is told, and its kept segments are gone', async () => {
  await claimAs('a');
  await makeAll();
  const segment = join(deps.config.dataDir, 'segment');
  await writeFile(segment, 'x');
  await deps.artifacts.put(segment, `${input.video_id}/kept/one`);
  await settleAs('completed');
  const url = `/pipeline/videos/${input.video_id}/artifacts/video.mp4`;
  expect(await view()).toMatchObject({
    status: 'completed',
    reason: null,
    message: null,
    progress: 100,
    position: null,
    eta: null,
    providers: { script_generation: 'offline', upload_preparation: 'offline' },
    artifacts: { 'video.mp4': { url, bytes: 1, sha256: 'aa' } },
  });
  expect((await view())?.processing_time).toBeGreaterThan(0);
  const { rows } = await deps.pool.query('SELECT result, actual_cost FROM video_queue');
  expect(rows).toMatchObject([
    { actual_cost: '0.000000', result: { title: 'T', source: 'article', duration_ms: 61_000 } },
  ]);
  expect(await deps.artifacts.find(`${input.video_id}/kept/one`)).toBeNull();
  const told = await finals();
  expect(told.at(-1)).toMatchObject({ type: 'video.completed', cost: 0, title: 'T', duration_ms: 61_000 });
});

test('an end is for ever: completed never becomes cancelled, whoever comes later', async () => {
  await claimAs('a');
  await makeAll();
  await settleAs('completed');
  await settleAs('cancelled');
  await settleAs('failed', { reason: 'bug' });
  expect(await view()).toMatchObject({ status: 'completed', reason: null });
  expect((await finals()).map((event) => event.type)).toEqual(['video.completed']);
});

test('of a completion and cancellations at once exactly one wins, and only that one is told', async () => {
  await claimAs('a');
  await makeAll();
  await Promise.all([
    settleAs('completed'),
    settleAs('cancelled'),
    settleAs('failed'),
    settleAs('cancelled'),
  ]);
  const told = new Set((await finals()).map((event) => event.type));
  expect(told).toEqual(new Set([`video.${(await view())?.status}`]));
});

test('settling again after a lost reply tells the same end again and changes nothing', async () => {
  await settleAs('cancelled');
  const first = await view();
  await settleAs('cancelled');
  expect(await view()).toEqual(first);
  expect(first).toMatchObject({ status: 'cancelled', reason: 'operator_cancel', message: 'stopped by hand' });
  expect((await finals()).map((event) => event.type)).toEqual(['video.cancelled', 'video.cancelled']);
});

test('a workflow that does not hold the claim, or is of another generation, ends nothing', async () => {
  await claimAs('a');
  await settleAs('failed', { chain: 'b' });
  await settleAs('failed', { generation: 2 });
  expect(await view()).toMatchObject({ status: 'processing' });
  expect(await finals()).toEqual([]);
});

test('a late settle of an older admission does not end the newer one', async () => {
  await claimAs('a');
  await deps.pool.query('UPDATE video_queue SET admission_no = 2, claimed_by = NULL');
  await settleAs('failed', { admission_no: 1 });
  expect(await view()).toMatchObject({ status: 'processing' });
  await settleAs('failed', { admission_no: 2 });
  expect(await view()).toMatchObject({ status: 'failed' });
});

test('the place of a video that ends goes to the next one at once', async () => {
  const next = await submitOrder(deps, anOrder());
  if (!next.accepted) throw new Error('refused');
  expect(next.position).toBe(1);
  await settleAs('failed', { reason: 'quality' });
  expect(await readVideo(deps, next.video_id)).toMatchObject({ status: 'processing', lane: 'cpu' });
});

test('a stage reads the order and the results before it', async () => {
  await makeAll();
  const { order, results: stored, spend } = await loadStage(deps, input);
  expect(order).toEqual(anOrder());
  expect(stored).toEqual(results);
  expect(spend).toEqual({ total: 0, seq: 0 });
});
