import { afterAll, beforeEach, expect, test } from 'vitest';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM lane_workers');
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
});

/** Rows that wait, without workflows: only the decision is under test. */
async function queue(count: number, complexity = 'simple', priority = 5): Promise<string[]> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, request_data, estimated_cost, score)
     SELECT gen_random_uuid(), 'u', 'c', $3, $2, '{"prompt": "p"}', 2, $3 * 100 - n
     FROM generate_series(1, $1) AS n RETURNING id`,
    [count, complexity, priority],
  );
  return rows.map((row) => row.id);
}

async function processing(): Promise<Record<string, number>> {
  const { rows } = await deps.pool.query<{ lane: string; videos: number }>(
    `SELECT lane, count(*) AS videos FROM video_queue WHERE status = 'processing' GROUP BY lane`,
  );
  return Object.fromEntries(rows.map((row) => [row.lane, row.videos]));
}

test('twelve callers at once fill every place and admit none too many', async () => {
  for (let round = 0; round < 10; round += 1) {
    await deps.pool.query('DELETE FROM video_queue');
    await registerPlaces(deps, { gpu: 3, cpu: 4 });
    await queue(12);
    await queue(12, 'complex');
    const admitted = await Promise.all(Array.from({ length: 12 }, () => commitAdmission(deps)));
    expect(await processing()).toEqual({ gpu: 3, cpu: 4 });
    expect(new Set(admitted.flat().map((video) => video.id)).size).toBe(7);
  }
});

test('places that free while callers wait for the lock are filled, each once', async () => {
  await registerPlaces(deps, { cpu: 3 });
  await queue(40);
  await commitAdmission(deps);
  const end = async () => {
    await deps.pool.query(
      `UPDATE video_queue SET status = 'completed'
       WHERE id = (SELECT id FROM video_queue WHERE status = 'processing' FOR UPDATE SKIP LOCKED LIMIT 1)`,
    );
    await commitAdmission(deps);
  };
  await Promise.all(Array.from({ length: 12 }, end));
  expect(await processing()).toEqual({ cpu: 3 });
});

test('the highest score goes first, and one that finds no place does not hold up the others', async () => {
  await registerPlaces(deps, { cpu: 2 });
  await queue(1, 'complex', 10);
  const [high] = await queue(1, 'simple', 9);
  const [low, lower] = await queue(2, 'simple', 1);
  expect((await commitAdmission(deps)).map((video) => video.id)).toEqual([high, low]);
  expect(await processing()).toEqual({ cpu: 2 });
  expect(lower).toBeDefined();
});

test('premium takes a gpu place while one is free, then a cpu place; complex waits for the gpu', async () => {
  await registerPlaces(deps, { gpu: 1, cpu: 1 });
  await queue(2, 'premium', 9);
  await queue(1, 'complex', 1);
  expect((await commitAdmission(deps)).map((video) => video.lane)).toEqual(['gpu', 'cpu']);
});

test('without a living gpu worker premium runs on the cpu', async () => {
  await registerPlaces(deps, { gpu: 3, cpu: 1 });
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s' WHERE lane = 'gpu'`);
  await queue(1, 'premium');
  expect((await commitAdmission(deps)).map((video) => video.lane)).toEqual(['cpu']);
});

test('nothing that is paused, put off or to be cancelled is admitted', async () => {
  await registerPlaces(deps, { cpu: 9 });
  const [paused, later, cancelled, past] = await queue(4);
  const set = (column: string, id?: string) =>
    deps.pool.query(`UPDATE video_queue SET ${column} WHERE id = $1`, [id]);
  await set('video_paused = true', paused);
  await set(`not_before = now() + interval '1 hour'`, later);
  await set(`cancel_requested = 'operator_cancel'`, cancelled);
  await set(`not_before = now() - interval '1 s'`, past);
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  expect(await commitAdmission(deps)).toEqual([]);
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  expect((await commitAdmission(deps)).map((video) => video.id)).toEqual([past]);
});

test('an admission is numbered, dated, and free to be claimed', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const [id] = await queue(1);
  await deps.pool.query(`UPDATE video_queue SET admission_no = 4, claimed_by = 'old'`);
  expect(await commitAdmission(deps)).toMatchObject([
    { id, admission_no: 5, lane: 'cpu', generation: 1, subject: 'p', priority: 5 },
  ]);
  const { rows } = await deps.pool.query(
    'SELECT claimed_by, admitted_at = processing_started_at OR admitted_at <= now() AS dated FROM video_queue',
  );
  expect(rows).toEqual([{ claimed_by: null, dated: true }]);
});

test('of thirty orders at once no more than the bound are taken, the others are told when to come back', async () => {
  const bounded = { ...deps, config: { ...deps.config, queueMax: 10 } };
  const answers = await Promise.all(Array.from({ length: 30 }, () => submitOrder(bounded, anOrder())));
  expect(answers.filter((answer) => answer.accepted)).toHaveLength(10);
  expect(answers.find((answer) => !answer.accepted)).toEqual({
    accepted: false,
    code: 'queue_full',
    retry_after_s: 30,
  });
  const { rows } = await deps.pool.query(`SELECT count(*) FROM video_queue WHERE status = 'queued'`);
  expect(rows).toEqual([{ count: 10 }]);
});

test('an order is stored with its budget, its place in the queue and an event, and is shown so', async () => {
  await queue(2, 'simple', 10);
  await submitOrder(deps, anOrder({ priority: 1 }));
  const answer = await submitOrder(deps, anOrder({ max_cost: 500_000, complexity: 'premium', priority: 5 }));
  if (!answer.accepted) throw new Error('refused');
  expect(answer).toMatchObject({ position: 3, estimated_cost: 2_800_000 });
  expect(await readVideo(deps, answer.video_id)).toMatchObject({
    status: 'queued',
    position: 3,
    waiting_for: 'place',
    estimated_cost: 2.8,
    actual_cost: 0,
    progress: 0,
    errors: [],
    artifacts: {},
    started_at: null,
  });
  const { rows } = await deps.pool.query('SELECT cap FROM video_budget WHERE video_id = $1', [
    answer.video_id,
  ]);
  expect(rows).toEqual([{ cap: '0.500000' }]);
  expect(await deps.events.past(answer.video_id)).toMatchObject([
    { type: 'video.queued', position: 3, estimated_cost: 2.8 },
  ]);
});

test('an order that finds a free place is in production when it is answered', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  expect(answer.position).toBeNull();
  expect(await readVideo(deps, answer.video_id)).toMatchObject({ status: 'processing', lane: 'cpu' });
  expect((await deps.events.past(answer.video_id)).map((event) => event.type)).toEqual([
    'video.queued',
    'video.admitted',
  ]);
});

test('an unknown video has no view', async () => {
  expect(await readVideo(deps, '00000000-0000-4000-8000-000000000000')).toBeNull();
});
