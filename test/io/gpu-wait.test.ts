import { randomUUID } from 'node:crypto';
import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { GpuCard } from '../../activities/gpu-card.ts';
import { NVIDIA_ENCODER } from '../../activities/providers/renderer.ts';
import { runStage } from '../../activities/run-stage.ts';
import type { StageWork } from '../../activities/stage.ts';
import { GIB, GPU_BUDGET_BYTES } from '../../domain/gpu.ts';
import { STAGES } from '../../domain/stages.ts';
import { createGpuMemory } from '../../infra/gpu/memory.ts';
import { fakeProduct, untilAborted } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { anOrder, createTestDeps } from '../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

const input = { video_id: '', generation: 1, admission_no: 1, lane: 'gpu' as const };
const never = new AbortController().signal;

beforeEach(async () => {
  input.video_id = randomUUID();
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, status, request_data, estimated_cost,
       score, lane, admission_no) VALUES ($1, 'u', 'c', 5, 'premium', 'processing', $2, 2, 0, 'gpu', 1)`,
    [input.video_id, JSON.stringify(anOrder({ complexity: 'premium' }))],
  );
  await deps.pool.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, 3)', [input.video_id]);
});

/** A card whose memory is all taken; `free` gives it back. */
async function fullCard(): Promise<GpuCard & { free: () => void }> {
  const memory = createGpuMemory({
    ...{ budgetBytes: GPU_BUDGET_BYTES, most: 3, recheckMs: 10 },
    freeBytes: async () => null,
  });
  const job = { run: -1, videoId: 'another', stage: 'video_rendering', bytes: GPU_BUDGET_BYTES };
  const free = await memory.take(job, never);
  const nothing = { trouble: () => null, check: async () => null, onChange: () => undefined };
  const figures = { read: async () => null, last: () => null };
  return { encoder: NVIDIA_ENCODER, id: 'GPU-1', memory, ...nothing, ...figures, free };
}

function environment() {
  return new MockActivityEnvironment(
    { workflowExecution: { workflowId: 'w', runId: randomUUID() }, activityId: '1', attempt: 1 },
    { logger: new DefaultLogger('ERROR') },
  );
}

function render(work: StageWork<'video_rendering'>, card: GpuCard, limitMs = STAGES.video_rendering.limitMs) {
  return runStage(deps, { ...STAGES.video_rendering, limitMs }, work, card);
}

/** Resolves at the so many-th heartbeat from now. */
function heartbeats(from: MockActivityEnvironment, count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    from.on('heartbeat', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
}

test('a stage waits for memory beyond its own limit with a beating heart; its clock and its bill start then', async () => {
  const card = await fullCard();
  const waiting = environment();
  let seen: unknown;
  const work: StageWork<'video_rendering'> = async () => {
    seen = card.memory.reservations();
    return fakeProduct('video_rendering');
  };
  const running = waiting.run(render(work, card, 2_000), input);
  // A heartbeat each 250 ms: nine of them are beyond the limit.
  await heartbeats(waiting, 9);
  expect(card.memory.waiting()).toBe(1);
  const freedMs = performance.now();
  card.free();
  await expect(running).resolves.toMatchObject({ stage: 'video_rendering' });
  const sinceFreed = (performance.now() - freedMs) / 1000;
  expect(seen).toMatchObject([{ video_id: input.video_id, stage: 'video_rendering', bytes: 12 * GIB }]);
  expect(card.memory.reservations()).toEqual([]);
  const { rows } = await deps.pool.query(
    'SELECT quantity::float8 AS seconds FROM pipeline_costs WHERE video_id = $1',
    [input.video_id],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0].seconds).toBeLessThan(sinceFreed + 0.1);
});

test.each(['CANCELLED', 'WORKER_SHUTDOWN'] as const)(
  '%s ends the wait, and nothing is reserved',
  async (reason) => {
    const card = await fullCard();
    const waiting = environment();
    const running = waiting.run(
      render(async () => fakeProduct('video_rendering'), card),
      input,
    );
    await heartbeats(waiting, 1);
    waiting.cancel(reason);
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
    card.free();
    expect(card.memory.waiting()).toBe(0);
    expect(card.memory.reservations()).toEqual([]);
  },
);

test.each(['failure', 'timeout', 'CANCELLED', 'WORKER_SHUTDOWN'] as const)(
  'memory is given back by a render that ends by %s',
  async (end) => {
    const card = await fullCard();
    card.free();
    const [begun, running] = [latch(), environment()];
    const work: StageWork<'video_rendering'> = async (context) => {
      begun.open();
      expect(card.memory.reservations()).toHaveLength(1);
      if (end === 'failure') throw new Error('on purpose');
      return untilAborted(context);
    };
    const ended = running
      .run(render(work, card, end === 'timeout' ? 50 : 60_000), input)
      .catch(() => 'ended');
    await begun.opened;
    if (end === 'CANCELLED' || end === 'WORKER_SHUTDOWN') running.cancel(end);
    expect(await ended).toBe('ended');
    expect(card.memory.reservations()).toEqual([]);
  },
);

test('stages that do not use the card do not wait for it', async () => {
  const card = await fullCard();
  const quality = runStage(
    deps,
    STAGES.quality_validation,
    async () => fakeProduct('quality_validation'),
    card,
  );
  await expect(environment().run(quality, input)).resolves.toMatchObject({ stage: 'quality_validation' });
});
