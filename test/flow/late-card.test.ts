import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEnv } from '../../infra/settings/env.ts';
import { FakeCard } from '../support/fakes/graphics-card.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const card = new FakeCard(readEnv().FFMPEG_PATH ?? 'ffmpeg');
let pipeline: TestPipeline;

beforeAll(async () => {
  card.fallOff();
  const { FFPROBE_PATH: ffprobe = 'ffprobe' } = readEnv();
  pipeline = await TestPipeline.create({
    places: { gpu: 1, cpu: 1 },
    config: {
      tools: { ffmpeg: card.ffmpeg, ffprobe },
      machine: { nvidiaSmi: card.nvidiaSmi },
      times: { leaseMs: 300, shutdownGraceMs: 5_000 },
    },
  });
});

afterAll(async () => {
  await pipeline.close();
  card.remove();
});

async function lane() {
  const { rows } = await pipeline.deps.pool.query(
    `SELECT device, encoder, places FROM lane_workers WHERE lane = 'gpu'`,
  );
  return rows[0];
}

test('a gpu lane whose card does not encode at its start works in software, and with the card once it does', async () => {
  expect(await lane()).toEqual({ device: '', encoder: 'libx264', places: 1 });
  const early = await pipeline.submit({ complexity: 'complex' });
  expect(await pipeline.ended(early)).toMatchObject({ status: 'completed', lane: 'gpu' });
  card.comeBack();
  const found = await eventually(lane, (row) => row?.encoder === 'h264_nvenc');
  expect(found).toEqual({ device: card.uuid, encoder: 'h264_nvenc', places: 1 });
  const late = await pipeline.submit({ complexity: 'complex' });
  expect(await pipeline.ended(late)).toMatchObject({ status: 'completed', lane: 'gpu', retry_count: 0 });
});
