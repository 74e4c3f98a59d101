import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '../../activities/child.ts';
import type { StageWork } from '../../activities/stage.ts';
import { CHARGE_RECORDED, SPEND_QUERY, STATUS_QUERY, type WorkflowStatus } from '../../domain/contract.ts';
import { recordExternalCharge, spendOf } from '../../infra/money/ledger.ts';
import { fakeProduct, gpuSeconds, paidCall, untilAborted } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create();
});

afterAll(() => pipeline.close());

test('at three dollars of signalled charges the video cancels itself and its child dies', async () => {
  let pid = 0;
  const videoId = await pipeline.submit(
    {},
    {
      video_rendering: async (context) => {
        await runChild('sh', ['-c', 'echo $$; exec sleep 60'], {
          signal: context.signal,
          onLine: (line) => {
            pid = Number(line);
            void context.pay(paidCall(5_000)).then(() => context.pay(paidCall(5_001, 1)));
          },
        });
        return fakeProduct('video_rendering');
      },
    },
  );
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'cancelled', reason: 'cost_limit', stage: 'video_rendering' });
  expect(view.actual_cost).toBeGreaterThanOrEqual(3);
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
  expect(await workflowSpend(videoId)).toBe((await ledger(videoId)).total);
  const { searchAttributes } = await pipeline.handle(videoId).describe();
  expect(searchAttributes).toMatchObject({ VideoStatus: ['cancelled'], Reason: ['cost_limit'] });
});

test('one cent below three dollars a video goes on', async () => {
  const videoId = await pipeline.submit(
    {},
    { upload_preparation: async () => ({ ...fakeProduct('upload_preparation'), usage: gpuSeconds(9_960) }) },
  );
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
});

test('a stage whose estimate no longer fits does not start', async () => {
  let started = false;
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async () => ({ ...fakeProduct('script_generation'), usage: gpuSeconds(9_100) }),
      audio_synthesis: async () => {
        started = true;
        return fakeProduct('audio_synthesis');
      },
    },
  );
  // $2.73 spent: audio ($0.20) fits alone and so does media ($0.10), but together they do not.
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'cancelled', reason: 'cost_limit', stage: 'audio_synthesis' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  expect(started).toBe(false);
  expect(await messageOf(videoId)).toBe('Cost limit exceeded at audio_synthesis');
});

test('an order may ask for a lower limit', async () => {
  const videoId = await pipeline.submit(
    { max_cost: 500_000 },
    { script_generation: async () => ({ ...fakeProduct('script_generation'), usage: gpuSeconds(1_000) }) },
  );
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'cost_limit' });
});

test('a raw signal from the command line ends in the ledger, once', async () => {
  const gate = latch();
  const videoId = await pipeline.submit({}, { script_generation: held('script_generation', gate.opened) });
  const handle = pipeline.handle(videoId);
  for (const id of ['by-hand', 'by-hand']) await handle.signal(CHARGE_RECORDED, { id, amount: 1.25 });
  await handle.signal(CHARGE_RECORDED, { id: 'nonsense', amount: 'much' });
  await eventually(
    () => ledger(videoId),
    ({ total }) => total === 1_250_000,
  );
  await eventually(
    () => workflowSpend(videoId),
    (total) => total === 1_250_000,
  );
  await handle.signal(CHARGE_RECORDED, { id: 'by-hand-2', amount: 1.75 });
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'cost_limit' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  expect(await ledger(videoId)).toMatchObject({ total: 3_000_000 });
});

test('of two ledger states that come in the wrong order the later one counts', async () => {
  const gate = latch();
  const videoId = await pipeline.submit({}, { script_generation: held('script_generation', gate.opened) });
  const handle = pipeline.handle(videoId);
  await handle.signal(CHARGE_RECORDED, { id: 'b', amount: 1, total: 2_000_000, seq: 900 });
  await handle.signal(CHARGE_RECORDED, { id: 'a', amount: 1, total: 1_000_000, seq: 800 });
  expect(
    await eventually(
      () => workflowSpend(videoId),
      (total) => total > 0,
    ),
  ).toBe(2_000_000);
  await handle.cancel();
  await pipeline.ended(videoId);
});

test('a call that does not fit under the cap is not made, and the video cancels itself', async () => {
  let calls = 0;
  const dear = (n: number) => ({
    ...paidCall(4_500),
    inputs: n,
    send: async () => {
      calls += 1;
      return { usage: gpuSeconds(4_500), answer: 'done' };
    },
  });
  const videoId = await pipeline.submit(
    {},
    {
      audio_synthesis: async (context) => {
        for (const n of [1, 2, 3]) await context.pay(dear(n));
        return fakeProduct('audio_synthesis');
      },
      media_collection: untilAborted,
    },
  );
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'cancelled', reason: 'cost_limit', stage: 'audio_synthesis' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  expect(calls).toBe(2);
  expect(await messageOf(videoId)).toBe('Cost limit exceeded at audio_synthesis');
  const { total, held } = await ledger(videoId);
  expect([view.actual_cost, await workflowSpend(videoId), held]).toEqual([total / 1e6, total, 0]);
  expect(total).toBeLessThan(3_000_000);
});

test('a call that is cut off by a cancel is paid at its most, and everybody knows the same total', async () => {
  const sent = latch();
  const videoId = await pipeline.submit(
    {},
    {
      media_collection: async (context) => {
        const send = async () => {
          sent.open();
          return untilAborted(context);
        };
        await context.pay({ ...paidCall(1_000), send });
        return fakeProduct('media_collection');
      },
    },
  );
  await sent.opened;
  await pipeline.handle(videoId).cancel();
  const view = await pipeline.ended(videoId);
  await pipeline.temporalStatus(videoId);
  const { total, held } = await ledger(videoId);
  expect(total).toBeGreaterThanOrEqual(300_000);
  expect([view.actual_cost, await workflowSpend(videoId), held]).toEqual([total / 1e6, total, 0]);
});

test('a charge from outside that crosses the cap stops the render and its child, and the place goes on', async () => {
  const alone = await TestPipeline.create({ places: { gpu: 1, cpu: 1 } });
  try {
    const rendering = latch();
    let pid = 0;
    const render: StageWork<'video_rendering'> = async ({ signal }) => {
      const onLine = (line: string) => {
        pid = Number(line);
        rendering.open();
      };
      await runChild('sh', ['-c', 'echo $$; exec sleep 60'], { signal, onLine });
      return fakeProduct('video_rendering');
    };
    const videoId = await alone.submit({}, { video_rendering: render });
    await rendering.opened;
    const next = await alone.submit();
    expect(await alone.until(next, () => true)).toMatchObject({ status: 'queued' });
    const upload = { id: 'u', service: 'youtube_api', operation: 'upload', amount: 3_000_000 };
    await recordExternalCharge(alone.deps, { ...upload, video_id: videoId });
    const view = await alone.ended(videoId);
    expect(view).toMatchObject({ status: 'cancelled', reason: 'cost_limit', stage: 'video_rendering' });
    expect(await alone.temporalStatus(videoId)).toBe('CANCELLED');
    expect(isAlive(pid)).toBe(false);
    expect(await alone.ended(next)).toMatchObject({ status: 'completed' });
    await recordExternalCharge(alone.deps, { ...upload, video_id: next });
    expect(await alone.until(next, ({ actual_cost }) => (actual_cost ?? 0) >= 3)).toMatchObject({
      status: 'completed',
      reason: null,
    });
    const alerts = (await alone.told(next, 'cost.alert')).filter(({ type }) => type === 'cost.alert');
    expect(alerts).toMatchObject([{ level: 'late_charge' }]);
  } finally {
    await alone.close();
  }
});

test('a charge that comes while the end is written changes only the ledger', async () => {
  const settling = await blockSettling();
  try {
    const videoId = await pipeline.submit();
    const handle = pipeline.handle(videoId);
    await eventually(
      () => handle.query<WorkflowStatus>(STATUS_QUERY).catch(() => null),
      (status) => status?.phase === 'completed',
    );
    await handle.signal(CHARGE_RECORDED, { id: 'late', amount: 5 });
    await handle.cancel();
    await eventually(
      () => ledger(videoId),
      ({ total }) => total > 5_000_000,
    );
    await settling.release();
    expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', reason: null });
    expect(await pipeline.temporalStatus(videoId)).toBe('COMPLETED');
  } finally {
    await settling.end();
  }
});

function held<T extends 'script_generation'>(stage: T, opened: Promise<void>) {
  return async ({ signal }: { signal: AbortSignal }) => {
    await Promise.race([
      opened,
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    ]);
    return fakeProduct(stage);
  };
}

function ledger(videoId: string) {
  return spendOf(pipeline.deps.pool, videoId);
}

async function workflowSpend(videoId: string): Promise<number> {
  return (await pipeline.handle(videoId).query<{ total: number }>(SPEND_QUERY)).total;
}

async function messageOf(videoId: string): Promise<unknown> {
  const { rows } = await pipeline.deps.pool.query('SELECT result FROM video_queue WHERE id = $1', [videoId]);
  return rows[0].result.message;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Makes every settle wait on a lock of this test, by a trigger on the row that it writes. */
async function blockSettling() {
  const { pool } = pipeline.deps;
  const holder = await pool.connect();
  await holder.query('SELECT pg_advisory_lock(4711)');
  await pool.query(`
    CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END';
    CREATE TRIGGER wait_here BEFORE UPDATE ON video_queue FOR EACH ROW
      WHEN (NEW.status = 'completed') EXECUTE FUNCTION wait_here()`);
  return {
    release: () => holder.query('SELECT pg_advisory_unlock_all()'),
    end: async () => {
      await holder.query('SELECT pg_advisory_unlock_all()');
      holder.release();
      await pool.query('DROP TRIGGER wait_here ON video_queue');
    },
  };
}
