import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageWorks } from '../../activities/index.ts';
import { LANE_SCHEDULE_TO_START_MS, STAGE_NAMES } from '../../domain/stages.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { ensureSearchAttributes } from '../../infra/temporal/temporal.ts';
import { readVideo, type VideoView } from '../../infra/views/video-view.ts';
import type { RunningWorker } from '../../workers/parts.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeProduct, fakeWorks, worksByVideo } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { anOrder, createTestDeps, registerPlaces, type TestDeps } from '../support/test-deps.ts';
import { eventually, workflowBundle } from '../support/test-pipeline.ts';

let deps: TestDeps;
let workers: RunningWorker | undefined;
let laneWorker: RunningWorker | undefined;
const replaced = new Map<string, Partial<StageWorks>>();

beforeAll(async () => {
  deps = await createTestDeps();
  await ensureSearchAttributes(deps.temporal, deps.config);
  const works = worksByVideo(({ videoId }) => fakeWorks(replaced.get(videoId)));
  workers = await startWorkers(deps, ['control', 'io'], { works, workflowBundle: await impatientBundle() });
});

afterAll(async () => {
  await workers?.stop();
  await laneWorker?.stop();
  await deps.close();
});

/** The workflows as they are, but for how long a stage may wait for a worker of its lane, and may take. */
async function impatientBundle() {
  const { code } = await workflowBundle();
  const constant = /(LANE_SCHEDULE_TO_START_MS\s*=\s*)([\d_e]+)/;
  expect(Number(constant.exec(code)?.[2]?.replaceAll('_', ''))).toBe(LANE_SCHEDULE_TO_START_MS);
  const limit = 'return spec.limitMs + ';
  expect(code.split(limit)).toHaveLength(2);
  return { code: code.replace(constant, '$1500').replace(limit, 'return 3000 || ') };
}

async function submit(works: Partial<StageWorks> = {}): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error(answer.code);
  replaced.set(answer.video_id, works);
  return answer.video_id;
}

function until(videoId: string, wanted: (view: VideoView) => boolean): Promise<VideoView> {
  return eventually(
    () => readVideo(deps, videoId),
    (view): view is VideoView => view !== null && wanted(view),
  );
}

async function startLaneWorker(): Promise<void> {
  laneWorker ??= await startWorkers(deps, ['cpu'], { works: fakeWorks() });
}

const hasEnded = ({ status }: VideoView) => status !== 'queued' && status !== 'processing';

test('a lane without a worker gives the video back, and it goes on from there once one polls', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const videoId = await submit();
  const given = await until(videoId, ({ reason }) => reason === 'lane_lost');
  expect(given.retry_count).toBe(0);
  expect(given.errors[0]).toEqual({
    ...{ stage: 'audio_synthesis', attempt: 1, kind: 'infrastructure', severity: 'infrastructure' },
    message: 'no worker of its lane took the stage in time',
    at: expect.any(String),
    next: 'the video waits without its place',
  });
  await deps.pool.query('DELETE FROM lane_workers');
  await startLaneWorker();
  const view = await until(videoId, hasEnded);
  expect(view).toMatchObject({ status: 'completed', retry_count: 0 });
  const made = view.attempts.filter(({ outcome }) => outcome === 'completed').map(({ stage }) => stage);
  expect(made.toSorted()).toEqual(STAGE_NAMES.toSorted());
});

test('a stage that does not heed its limit is given up by Temporal, and its late result is not taken', async () => {
  const go = latch();
  let tries = 0;
  const videoId = await submit({
    upload_preparation: async () => {
      tries += 1;
      const made_by = `try ${tries}`;
      const product = fakeProduct('upload_preparation');
      if (tries === 1) await go.opened;
      return { ...product, providers: { made_by } };
    },
  });
  await startLaneWorker();
  const view = await until(videoId, hasEnded);
  expect(view).toMatchObject({ status: 'completed', retry_count: 0 });
  // On a busy machine a later one may be given up, too.
  expect(view.providers).toMatchObject({ made_by: `try ${tries}` });
  const outcomes = outcomesOf(view);
  expect(outcomes[0]).toBe('worker_lost');
  const lost = outcomes.filter((outcome) => outcome === 'worker_lost');
  expect(view.errors.map(({ kind }) => kind)).toEqual(lost);
  expect(outcomes.filter((outcome) => outcome === 'completed')).toHaveLength(1);
  go.open();
  await workers?.stop();
  workers = undefined;
  const after = await until(videoId, hasEnded);
  expect(outcomesOf(after)).toEqual(outcomes);
  expect(after.providers).toEqual(view.providers);
});

const outcomesOf = ({ attempts }: VideoView) =>
  attempts.filter(({ stage }) => stage === 'upload_preparation').map(({ outcome }) => outcome);
