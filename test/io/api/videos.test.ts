import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { dailyMetrics } from '../../../api/openapi/analytics-answers.ts';
import { metrics, video, videoPage } from '../../../api/openapi/answers.ts';
import { readStageHistory } from '../../../infra/queue/eta.ts';
import { submitOrders } from '../../../infra/queue/orders.ts';
import { endRow } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const app = createApp(deps);
let ids: string[];

const get = async (path: string) => (await app.request(path)).json();

beforeAll(async () => {
  const orders = Array.from({ length: 7 }, (_, n) =>
    anOrder({
      channel_id: n % 2 ? 'odd' : 'even',
      prompt: `topic ${n}`,
      complexity: n === 6 ? 'premium' : 'simple',
    }),
  );
  const answer = await submitOrders(deps, orders);
  if (!answer.accepted) throw new Error('refused');
  ids = answer.videos.map(({ video_id }) => video_id);
});

afterAll(() => deps.close());

async function runs(count: number, stage: string, ms: number, outcome = 'completed'): Promise<void> {
  await deps.pool.query(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, run_id, activity_id, attempt, lane, worker,
       started_at, ended_at, outcome)
     SELECT $1, $2, 1, 1, gen_random_uuid(), 'a', 1, 'cpu', 'test', now(), now() + $4 * interval '1 ms', $5
     FROM generate_series(1, $3)`,
    [ids[0], stage, count, ms, outcome],
  );
}

test('pages go on where the last one ended, newest first, whatever is ordered meanwhile', async () => {
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = videoPage.parse(await get(`/pipeline/videos?limit=3${cursor && `&cursor=${cursor}`}`));
    seen.push(...page.videos.map(({ video_id }) => video_id));
    cursor = page.next_cursor;
    if (seen.length === 3) await submitOrders(deps, [anOrder({ channel_id: 'late' })]);
  }
  expect(seen).toEqual([...ids].reverse());
});

test('waiting videos are listed by their turn, over pages, however equal their scores are', async () => {
  const orders = Array.from({ length: 9 }, (_, n) => anOrder({ channel_id: 'turns', priority: 4 + (n % 3) }));
  await submitOrders(deps, orders);
  // Of one batch and priority only the ids part them.
  const path = '/pipeline/videos?status=queued&channel_id=turns&order=position';
  const seen: { video_id: string; position: number | null; priority: number }[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = videoPage.parse(await get(`${path}&limit=2${cursor && `&cursor=${cursor}`}`));
    seen.push(...page.videos);
    cursor = page.next_cursor;
    if (seen.length === 4)
      await submitOrders(deps, [anOrder({ channel_id: 'turns', prompt: 'late', priority: 10 })]);
  }
  expect(seen.map(({ priority }) => priority)).toEqual([6, 6, 6, 5, 5, 5, 4, 4, 4]);
  const whole = videoPage.parse(await get(`${path}&limit=500`)).videos;
  expect(whole[0]).toMatchObject({ priority: 10 });
  expect(whole.slice(1).map(({ video_id }) => video_id)).toEqual(seen.map(({ video_id }) => video_id));
  const places = whole.map(({ position }) => position ?? 0);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  await deps.pool.query(`DELETE FROM video_queue WHERE channel_id = 'turns'`);
});

test('an order of lists that does not fit the rest is refused by name', async () => {
  const { next_cursor } = videoPage.parse(await get('/pipeline/videos?limit=1'));
  for (const [query, field] of [
    ['order=position', 'order'],
    ['order=position&status=failed', 'order'],
    [`order=position&status=queued&cursor=${next_cursor}`, 'cursor'],
  ]) {
    expect(await get(`/pipeline/videos?${query}`)).toMatchObject({ errors: [{ field }] });
  }
});

test('the beginning of an id, wherever it is cut, finds its video and no other', async () => {
  const id = ids[2] ?? '';
  for (let chars = 8; chars <= id.length; chars += 1) {
    const page = videoPage.parse(await get(`/pipeline/videos?id_prefix=${id.slice(0, chars).toUpperCase()}`));
    expect(page.videos.map(({ video_id }) => video_id)).toEqual([id]);
  }
  expect(await get('/pipeline/videos?id_prefix=00000000-0')).toEqual({ videos: [], next_cursor: null });
});

test('filters hold together, and what is no filter is refused by name', async () => {
  const page = videoPage.parse(await get('/pipeline/videos?channel_id=odd&status=queued&user_id=tester'));
  expect(page.videos.map(({ subject }) => subject)).toEqual(['topic 5', 'topic 3', 'topic 1']);
  expect(videoPage.parse(await get('/pipeline/videos?complexity=premium')).videos).toHaveLength(1);
  for (const query of [
    ...['cursor=x', 'limit=0', 'status=lost', 'colour=red', 'channel_id=%00'],
    ...['id_prefix=0123456', 'id_prefix=0123456g', 'id_prefix=01234567x'],
  ]) {
    expect(await get(`/pipeline/videos?${query}`)).toMatchObject({
      code: 'invalid_request',
      errors: [{ field: expect.any(String) }],
    });
  }
});

test('counts, places and the money of the day come from Postgres', async () => {
  await deps.pool.query(
    `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, state)
     VALUES ($1, 'a', 'openai', 'x', 'p', 'm', 1, 'call', 0.25, 'charged'), ($1, 'b', 'openai', 'x', 'p', 'm', 1, 'call', 9, 'held')`,
    [ids[1]],
  );
  await endRow(deps, ids[1] as string, { status: 'completed', cost: '0.300000' });
  await endRow(deps, ids[2] as string, { status: 'failed', cost: '0.100000' });
  const now = metrics.parse(await get('/pipeline/metrics'));
  expect(now).toMatchObject({
    total_enqueued: 8,
    queue_depth: 6,
    processing_count: 0,
    total_processed: 1,
    total_failed: 1,
    lanes: { gpu: { places: 0, used: 0 } },
    cost_today: 0.25,
  });
  const { days } = dailyMetrics.parse(await get('/pipeline/metrics/daily?days=3'));
  expect(days).toHaveLength(3);
  expect(days[0]).toMatchObject({
    videos: 2,
    completed: 1,
    failed: 1,
    cancelled: 0,
    cost: 0.25,
    average_cost: 0.2,
  });
  expect(days[2]).toMatchObject({ videos: 0, cost: 0, average_cost: null });
});

test('a stage counts by the median of its newest fifty runs, and by its limit until there are five', async () => {
  await runs(60, 'video_rendering', 200_000);
  await runs(26, 'video_rendering', 40_000);
  await runs(4, 'script_generation', 10);
  await runs(9, 'upload_preparation', 5, 'failed');
  const { times, measured } = await readStageHistory(deps.pool);
  expect(times.simple).toMatchObject({
    video_rendering: 40_000,
    script_generation: 60_000,
    upload_preparation: 120_000,
  });
  expect(times.premium.video_rendering).toBe(300_000);
  expect([...measured]).toEqual(['simple']);
});

test('the status tells each run of a stage, and a time that is later the later its turn', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const first = video.parse(await get(`/pipeline/status/${ids[0]}`));
  expect(first.attempts.at(-1)).toMatchObject({ stage: 'upload_preparation', outcome: 'failed', attempt: 1 });
  const waiting = [ids[0], ids[3], ids[4], ids[5]];
  const views = await Promise.all(
    waiting.map(async (id) => video.parse(await get(`/pipeline/status/${id}`))),
  );
  const etas = views.map(({ eta }) => Date.parse(eta ?? ''));
  expect(etas[0]).toBeGreaterThanOrEqual(Date.now());
  expect(etas).toEqual([...etas].sort((a, b) => a - b));
  expect(new Set(etas).size).toBe(4);
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  expect(video.parse(await get(`/pipeline/status/${ids[0]}`)).eta).toBeNull();
});
