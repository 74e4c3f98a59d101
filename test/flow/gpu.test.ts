import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageContext } from '../../activities/stage.ts';
import { StageError } from '../../domain/errors.ts';
import type { PipelineEvent } from '../../domain/events.ts';
import { GIB } from '../../domain/gpu.ts';
import { clearGpu } from '../../infra/gpu/clear.ts';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { FakeCard } from '../support/fakes/graphics-card.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const card = new FakeCard(readEnv().FFMPEG_PATH ?? 'ffmpeg');
let pipeline: TestPipeline;
const events: PipelineEvent[] = [];
const closing = new AbortController();

beforeAll(async () => {
  const { FFPROBE_PATH: ffprobe = 'ffprobe' } = readEnv();
  pipeline = await TestPipeline.create({
    places: { gpu: 3, cpu: 2 },
    config: {
      tools: { ffmpeg: card.ffmpeg, ffprobe },
      machine: { nvidiaSmi: card.nvidiaSmi },
      times: { leaseMs: 900, shutdownGraceMs: 5_000 },
    },
  });
  void listen();
});

afterAll(async () => {
  closing.abort();
  await pipeline.close();
  card.remove();
});

async function listen(): Promise<void> {
  for await (const event of pipeline.deps.events.follow(null, '0', closing.signal)) events.push(event);
}

async function lane() {
  const { rows } = await pipeline.deps.pool.query(
    `SELECT device, encoder, places, trouble, reservations FROM lane_workers WHERE lane = 'gpu'`,
  );
  return rows[0];
}

/** A render that fails as ffmpeg does when the card is gone. */
async function renderUntilLost({ card: own }: StageContext) {
  const trouble = await own?.check();
  if (trouble) throw new StageError('gpu_lost', trouble);
  return fakeProduct('video_rendering');
}

/** Renders that say when they have begun, and last until `go` is open. */
function stayUntil(go: ReturnType<typeof latch>) {
  return (begun: typeof go) => async () => {
    begun.open();
    await go.opened;
    return fakeProduct('video_rendering');
  };
}

function told(type: string): PipelineEvent[] {
  return events.filter((event) => event.type === type);
}

test('a render holds its share of the card as long as it lasts, and one on a software lane holds none', async () => {
  const [begun, beside, go] = [latch(), latch(), latch()];
  const stay = stayUntil(go);
  const order = { complexity: 'complex', duration: 240 } as const;
  const videoId = await pipeline.submit(order, { video_rendering: stay(begun) });
  const simple = await pipeline.submit({}, { video_rendering: stay(beside) });
  await Promise.all([begun.opened, beside.opened]);
  const held = await eventually(lane, ({ reservations }) => reservations.length > 0);
  expect(held).toMatchObject({ device: card.uuid, encoder: 'h264_nvenc', places: 3, trouble: null });
  expect(held.reservations).toMatchObject([
    { video_id: videoId, stage: 'video_rendering', bytes: 9 * 1.2 * GIB },
  ]);
  const { rows } = await pipeline.deps.pool.query(`SELECT reservations FROM lane_workers WHERE lane = 'cpu'`);
  expect(rows).toEqual([{ reservations: [] }]);
  go.open();
  expect(await pipeline.ended(simple)).toMatchObject({ status: 'completed' });
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  await eventually(lane, ({ reservations }) => reservations.length === 0);
});

test('when the card has no memory left premium goes to a cpu lane once, and complex fails with an alert', async () => {
  const lanes: string[] = [];
  const render = async ({ lane: on }: StageContext) => {
    lanes.push(on);
    if (on === 'gpu') throw new StageError('gpu_out_of_memory', 'CUDA_ERROR_OUT_OF_MEMORY');
    return fakeProduct('video_rendering');
  };
  const premium = await pipeline.submit({ complexity: 'premium' }, { video_rendering: render });
  expect(await pipeline.ended(premium)).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(lanes).toEqual(['gpu', 'cpu']);
  const complex = await pipeline.submit({ complexity: 'complex' }, { video_rendering: render });
  expect(await pipeline.ended(complex)).toMatchObject({ status: 'failed', reason: 'gpu_out_of_memory' });
  expect(lanes).toEqual(['gpu', 'cpu', 'gpu']);
  await eventually(lane, ({ reservations }) => reservations.length === 0);
});

test('a card that stops encoding takes no work: premium goes to cpu, complex waits, and goes on when it is back', async () => {
  card.fallOff();
  const premium = await pipeline.submit({ complexity: 'premium' }, { video_rendering: renderUntilLost });
  expect(await pipeline.ended(premium)).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(await lane()).toMatchObject({
    places: 0,
    trouble: expect.stringContaining('No capable devices found'),
  });
  const complex = await pipeline.submit({ complexity: 'complex' }, { video_rendering: renderUntilLost });
  await eventually(
    () => told('lane.down'),
    (down) => down.length > 0,
  );
  expect(told('lane.down')).toMatchObject([
    { video_id: null, lane: 'gpu', machine: pipeline.deps.config.machine.id },
  ]);
  expect(await pipeline.until(complex, () => true)).toMatchObject({ status: 'queued', waiting_for: 'place' });
  card.comeBack();
  expect(await pipeline.ended(complex)).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(told('lane.up')).toHaveLength(1);
  expect(await lane()).toMatchObject({ places: 3, trouble: null });
});

test('what a job that is gone still holds is freed by an operator, and what a living one holds is not', async () => {
  const [stuck, living, go] = [latch(), latch(), latch()];
  const stay = stayUntil(go);
  const gone = await pipeline.submit({ complexity: 'complex' }, { video_rendering: stay(stuck) });
  const works = await pipeline.submit({ complexity: 'complex' }, { video_rendering: stay(living) });
  await Promise.all([stuck.opened, living.opened]);
  await pipeline.deps.pool.query(
    `UPDATE stage_runs SET ended_at = now(), outcome = 'cancelled' WHERE video_id = $1 AND ended_at IS NULL`,
    [gone],
  );
  await eventually(lane, ({ reservations }) => reservations.length === 2);
  expect(await clearGpu(pipeline.deps, 'test')).toBe(1);
  const left = await eventually(lane, ({ reservations }) => reservations.length === 1);
  expect(left.reservations).toMatchObject([{ video_id: works }]);
  go.open();
  await cancelVideo(pipeline.deps, gone, 'test');
  expect(await pipeline.ended(works)).toMatchObject({ status: 'completed' });
  await pipeline.ended(gone);
});
