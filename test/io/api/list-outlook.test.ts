import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { metrics, video, videoPage } from '../../../api/openapi/answers.ts';
import { COMPLEXITIES } from '../../../domain/video.ts';
import { submitOrders } from '../../../infra/queue/orders.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const app = createApp(deps);
let ids: string[];

beforeAll(async () => {
  const orders = Array.from({ length: 12 }, (_, n) =>
    anOrder({ priority: 1 + (n % 4), complexity: COMPLEXITIES[n % 3] ?? 'simple', max_cost: 2_000_000 }),
  );
  const answer = await submitOrders(deps, orders);
  if (!answer.accepted) throw new Error('refused');
  ids = answer.videos.map(({ video_id }) => video_id);
  await registerPlaces(deps, { cpu: 2, gpu: 1 });
});

afterAll(() => deps.close());

const get = async (path: string) => (await app.request(path)).json();
const set = (id: string | undefined, change: string) =>
  deps.pool.query(`UPDATE video_queue SET ${change} WHERE id = $1`, [id]);

/** The list says of each video what a look at it alone says; an eta is counted from now, in whole seconds. */
async function expectSame(): Promise<void> {
  const askedMs = Date.now();
  const list = videoPage.parse(await get('/pipeline/videos?limit=500')).videos;
  expect(list).toHaveLength(ids.length);
  for (const line of list) {
    const { position, waiting_for, eta } = video.parse(await get(`/pipeline/status/${line.video_id}`));
    expect({ ...line, eta: null }).toMatchObject({ position, waiting_for });
    if (eta === null) expect(line.eta).toBeNull();
    else
      expect(Math.abs(Date.parse(line.eta ?? '') - Date.parse(eta))).toBeLessThan(
        Date.now() - askedMs + 2_000,
      );
  }
}

test('a list tells position, eta and what is waited for as a look at each video does', async () => {
  await expectSame();
  await set(ids[0], 'video_paused = true');
  await set(ids[1], `not_before = now() + interval '1 minute'`);
  await set(ids[2], `status = 'processing', lane = 'cpu', admission_no = 1, processing_started_at = now()`);
  await set(ids[3], `status = 'processing', lane = 'gpu', admission_no = 1, video_paused = true`);
  await set(ids[4], `status = 'failed', completed_at = now()`);
  await expectSame();
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  await expectSame();
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
});

test('a list tells which stages are done and which run, the limit, and a pause', async () => {
  await deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by) VALUES ($1, 'script_generation', 'x', '{}', 'x')`,
    [ids[2]],
  );
  await deps.pool.query(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, run_id, activity_id, attempt, lane, worker)
     SELECT $1, stage, 1, no, stage, no::text, 1, 'cpu', 'w'
     FROM (VALUES ('audio_synthesis', 1), ('media_collection', 1), ('video_rendering', 0)) AS runs(stage, no)`,
    [ids[2]],
  );
  const { videos } = videoPage.parse(await get('/pipeline/videos?limit=500'));
  expect(videos.find(({ video_id }) => video_id === ids[2])).toMatchObject({
    stages: { script_generation: 'done', audio_synthesis: 'running', media_collection: 'running' },
    max_cost: 2,
    paused: false,
  });
  expect(videos.find(({ video_id }) => video_id === ids[0])?.paused).toBe(true);
});

test('the counts say whether a pause is a halt', async () => {
  const state = async () => {
    const { paused, halted } = metrics.parse(await get('/pipeline/metrics'));
    return { paused, halted };
  };
  expect(await state()).toEqual({ paused: false, halted: false });
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  expect(await state()).toEqual({ paused: true, halted: false });
  await deps.pool.query('UPDATE pipeline_state SET halted = true');
  expect(await state()).toEqual({ paused: true, halted: true });
});
