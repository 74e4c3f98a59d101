import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { readVideo, type VideoView } from '../../infra/views/video-view.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fakes/openai.ts';
import { latch } from '../support/latch.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { eventually } from '../support/test-pipeline.ts';
import { postOrder } from '../support/watch.ts';

/** Short enough for a test, long enough for a stage that only waits for its latch. */
const GRACE_MS = 30_000;

let openai: FakeOpenAi;
let pipeline: Processes;

beforeAll(async () => {
  openai = await startFakeOpenAi();
  pipeline = await startProcesses({
    OPENAI_BASE_URL: openai.url,
    OPENAI_API_KEY: 'key-of-the-test',
    SHUTDOWN_GRACE_MS: String(GRACE_MS),
  });
});

afterAll(async () => {
  await pipeline.close();
  await openai.close();
});

const order = () => postOrder(pipeline.api, { prompt: 'Why the deep sea glows', duration: 15 });

function until(videoId: string, wanted: (view: VideoView) => boolean): Promise<VideoView> {
  return eventually(
    () => readVideo(pipeline.deps, videoId),
    (view): view is VideoView => view !== null && wanted(view),
  );
}

async function exitOf(worker: ChildProcess): Promise<number | null> {
  if (worker.exitCode === null) await once(worker, 'exit');
  return worker.exitCode;
}

const outcomesOf = ({ attempts }: VideoView, name: string) =>
  attempts.filter(({ stage }) => stage === name).map(({ outcome }) => outcome);

test('a worker that is asked to stop finishes what it has begun, begins nothing, and repeats no paid call', async () => {
  const answered = latch();
  openai.script('chat', { after: answered.opened });
  const first = await order();
  await eventually(
    () => openai.calls.chat,
    (calls) => calls === 1,
  );
  pipeline.worker.kill('SIGTERM');
  const offers = () => pipeline.deps.pool.query('SELECT FROM lane_workers');
  await eventually(offers, ({ rowCount }) => rowCount === 0);
  const second = await order();
  answered.open();
  expect(await exitOf(pipeline.worker)).toBe(0);
  expect(await readVideo(pipeline.deps, second)).toMatchObject({ status: 'queued', waiting_for: 'place' });
  const stopped = await until(first, () => true);
  expect(stopped).toMatchObject({ status: 'processing', errors: [] });
  expect(outcomesOf(stopped, 'script_generation')).toEqual(['completed']);
  expect(openai.calls.chat).toBe(1);
  await cancelVideo(pipeline.deps, second, 'test');

  // The first sentence is spoken, the others get no answer before the grace is over.
  openai.script('speech', {}, ...Array.from({ length: 20 }, () => ({ hang: true })));
  const hasty = pipeline.startWorker({ SHUTDOWN_GRACE_MS: '100' });
  const charged = () =>
    pipeline.deps.pool.query(`SELECT FROM pipeline_costs WHERE service = 'tts' AND state = 'charged'`);
  await eventually(charged, ({ rowCount }) => rowCount === 1);
  await eventually(
    () => openai.calls.speech,
    (calls) => calls > 1,
  );
  const spoken = openai.requests.speech[0]?.body['input'];
  hasty.kill('SIGTERM');
  expect(await exitOf(hasty)).toBe(0);
  expect(outcomesOf(await until(first, () => true), 'audio_synthesis')).toEqual(['cancelled']);

  openai.reset();
  pipeline.startWorker();
  const view = await until(first, (now) => outcomesOf(now, 'audio_synthesis').includes('completed'));
  expect(view).toMatchObject({ retry_count: 0, errors: [] });
  expect(openai.calls.chat).toBe(0);
  expect(openai.requests.speech.map(({ body }) => body['input'])).not.toContain(spoken);
  await cancelVideo(pipeline.deps, first, 'test');
});
