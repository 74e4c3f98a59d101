import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bill } from '../../domain/results.ts';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { ARTIFACT_NAMES } from '../../domain/video.ts';
import { billOf } from '../../infra/money/bill.ts';
import { projectRoot } from '../../infra/project-root.ts';
import type { VideoView } from '../../infra/views/video-view.ts';
import { boxOrder, loudness, probe, type Streams } from '../support/measure.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { tempFolders } from '../support/temp-folders.ts';
import { postOrder, watch } from '../support/watch.ts';

const folder = tempFolders('ytempire-e2e-');
let pipeline: Processes;

beforeAll(async () => {
  pipeline = await startProcesses();
});

afterAll(() => pipeline.close());

async function statusOf(videoId: string): Promise<VideoView> {
  return (await (await fetch(`${pipeline.api}/pipeline/status/${videoId}`)).json()) as VideoView;
}

async function download(videoId: string, name: string): Promise<Buffer> {
  const response = await fetch(`${pipeline.api}/pipeline/videos/${videoId}/artifacts/${name}`);
  expect(response.status, name).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

interface Run {
  id: number;
  stage: string;
  outcome: string;
}

async function runsOf(videoId: string): Promise<Run[]> {
  const text = 'SELECT id, stage, outcome FROM stage_runs WHERE video_id = $1 ORDER BY id';
  return (await pipeline.deps.pool.query<Run>(text, [videoId])).rows;
}

describe('an article becomes a finished video', () => {
  let videoId: string;
  let file: string;
  let facts: Streams;

  beforeAll(async () => {
    const article = await readFile(join(projectRoot, 'examples/deep-sea.md'), 'utf8');
    videoId = await postOrder(pipeline.api, { article, duration: 20, channel_id: 'deep-sea' });
    const events = await watch(pipeline.api, videoId);
    expect(events.at(-1)).toMatchObject({ type: 'video.completed' });
    file = join(folder(), 'video.mp4');
    await writeFile(file, await download(videoId, 'video.mp4'));
    facts = await probe(file);
  }, 200_000);

  test('the picture is 1920x1080 H.264 at 30 frames a second, yuv420p in BT.709', () => {
    expect(facts.streams.find((stream) => stream['codec_type'] === 'video')).toMatchObject({
      codec_name: 'h264',
      width: 1920,
      height: 1080,
      pix_fmt: 'yuv420p',
      r_frame_rate: '30/1',
      color_space: 'bt709',
      color_primaries: 'bt709',
      color_transfer: 'bt709',
    });
  });

  test('the sound is 48 kHz stereo AAC of about 192 kbit/s', () => {
    const sound = facts.streams.find((stream) => stream['codec_type'] === 'audio');
    expect(sound).toMatchObject({ codec_name: 'aac', sample_rate: '48000', channels: 2 });
  });

  test('no frame is missing, and picture and sound are equally long', () => {
    const [picture, sound] = ['video', 'audio'].map((type) =>
      facts.streams.find((stream) => stream['codec_type'] === type),
    );
    expect(picture?.['nb_read_packets']).toBe(picture?.['nb_frames']);
    expect(Math.abs(Number(picture?.['duration']) - Number(sound?.['duration']))).toBeLessThan(0.15);
    expect(Number(facts.format.duration)).toBeGreaterThan(12);
  });

  test('the narration is at -14 LUFS and peaks under -1 dBTP', async () => {
    const { lufs, truePeak } = await loudness(file);
    expect(Math.abs(lufs + 14)).toBeLessThanOrEqual(1);
    expect(truePeak).toBeLessThan(-1);
  });

  test('playback can start before the download ends', async () => {
    expect(await boxOrder(file)).toEqual(['moov', 'mdat']);
  });

  test('the package holds every file, and the bill in it equals the ledger', async () => {
    for (const name of ARTIFACT_NAMES)
      expect((await download(videoId, name)).length, name).toBeGreaterThan(0);
    const bill = JSON.parse((await download(videoId, 'bill.json')).toString()) as Bill;
    expect(bill).toEqual(await billOf(pipeline.deps.pool, videoId));
    expect(bill.within_budget).toBe(true);
  });

  test('each stage ran once', async () => {
    const runs = await runsOf(videoId);
    expect(runs.map((run) => run.outcome)).toEqual(STAGE_NAMES.map(() => 'completed'));
    expect(new Set(runs.map((run) => run.stage))).toEqual(new Set(STAGE_NAMES));
  });

  test('the status says that it was made offline, by whom, and what it cost', async () => {
    const status = await statusOf(videoId);
    expect(status).toMatchObject({ status: 'completed', progress: 100, errors: [] });
    expect(status.providers).toMatchObject({ llm: 'offline', footage: 'motion-cards' });
    expect(status.actual_cost).toBeGreaterThan(0);
    expect(status.actual_cost).toBeLessThan(3);
  });
});

test('a worker killed -9 in mid-render costs no retry and no finished segment', {
  timeout: 200_000,
}, async () => {
  const script = await readFile(join(projectRoot, 'examples/script.txt'), 'utf8');
  const videoId = await postOrder(pipeline.api, { script });
  await watch(
    pipeline.api,
    videoId,
    (event) => event.type === 'stage.progress' && event.stage === 'video_rendering' && event.percent > 55,
  );
  const dead = once(pipeline.worker, 'exit');
  pipeline.worker.kill('SIGKILL');
  await dead;
  pipeline.startWorker();
  const events = await watch(pipeline.api, videoId);
  expect(events.at(-1)).toMatchObject({ type: 'video.completed' });

  const renders = (await runsOf(videoId)).filter((run) => run.stage === 'video_rendering');
  expect(renders.map((run) => run.outcome)).toEqual(['worker_lost', 'completed']);
  const stored = await pipeline.deps.pool.query<{ result: { segmentsReused: number } }>(
    "SELECT result FROM stage_results WHERE video_id = $1 AND stage = 'video_rendering'",
    [videoId],
  );
  expect(stored.rows[0]?.result.segmentsReused).toBeGreaterThan(0);
  const status = await statusOf(videoId);
  expect(status).toMatchObject({
    ...{ status: 'completed', retry_count: 0 },
    errors: [{ stage: 'video_rendering', kind: 'worker_lost', next: 'the stage begins again' }],
  });
});
