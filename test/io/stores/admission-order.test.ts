import { afterAll, beforeEach, expect, test } from 'vitest';
import { randomFrom } from '../../../activities/cards/random.ts';
import { laneFor } from '../../../domain/lanes.ts';
import { SCORE_SQL, scoreOf } from '../../../domain/score.ts';
import { COMPLEXITIES, type Complexity } from '../../../domain/video.ts';
import { pauseAll, resumeAll } from '../../../infra/moves/pause.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM lane_workers');
  // Orders wait until the test lets them go.
  await pauseAll(deps, 'test');
});

async function submit(priority: number, complexity: Complexity = 'simple'): Promise<string> {
  const answer = await submitOrder(deps, anOrder({ priority, complexity }));
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

async function waitedFor(id: string, hours: number): Promise<void> {
  const text = `UPDATE video_queue SET created_at = created_at - $2 * interval '1 hour' WHERE id = $1`;
  await deps.pool.query(text, [id, hours]);
  await deps.pool.query(`UPDATE video_queue SET score = ${SCORE_SQL} WHERE id = $1`, [id]);
}

/** Admits into one place of each lane, ends what was admitted, and so on until the queue is empty. */
async function drain(): Promise<string[][]> {
  const rounds: string[][] = [];
  for (;;) {
    const admitted = await commitAdmission(deps);
    if (admitted.length === 0) return rounds;
    rounds.push(admitted.map(({ id }) => id));
    await deps.pool.query(`UPDATE video_queue SET status = 'completed' WHERE status = 'processing'`);
  }
}

interface Waiting {
  id: string;
  complexity: Complexity;
  score: number;
}

/** What one place of each lane has to make of these orders, by the rules of the domain alone. */
function expected(waiting: Waiting[]): string[][] {
  const left = waiting.toSorted((a, b) => b.score - a.score);
  const rounds: string[][] = [];
  while (left.length > 0) {
    const free = { gpu: 1, cpu: 1 };
    const round: string[] = [];
    for (;;) {
      const index = left.findIndex(({ complexity }) => laneFor(complexity, free) !== null);
      const [video] = index < 0 ? [] : left.splice(index, 1);
      const lane = video && laneFor(video.complexity, free);
      if (!video || !lane) break;
      free[lane] -= 1;
      round.push(video.id);
    }
    rounds.push(round);
  }
  return rounds;
}

test('sixty mixed orders go into production exactly by score and lane', async () => {
  const random = randomFrom(7);
  for (let i = 0; i < 60; i += 1) {
    const id = await submit(1 + Math.floor(random() * 10), COMPLEXITIES[Math.floor(random() * 3)]);
    await waitedFor(id, Math.floor(random() * 100));
  }
  const { rows } = await deps.pool.query<{
    id: string;
    priority: number;
    complexity: Complexity;
    at: number;
  }>('SELECT id, priority, complexity, extract(epoch FROM created_at)::float8 AS at FROM video_queue');
  const waiting = rows.map(({ id, priority, complexity, at }) => ({
    id,
    complexity,
    score: scoreOf(priority, complexity, at),
  }));
  await registerPlaces(deps, { gpu: 1, cpu: 1 });
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  expect(await drain()).toEqual(expected(waiting));
});

test('an order of the highest priority overtakes a backlog of ninety', async () => {
  for (let i = 0; i < 90; i += 1) await submit(5);
  const urgent = await submit(10);
  await registerPlaces(deps, { cpu: 1 });
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  expect((await commitAdmission(deps)).map(({ id }) => id)).toEqual([urgent]);
});

test('twenty-eight hours of waiting are worth a level of priority, twenty-seven are not', async () => {
  const [old, younger] = [await submit(5), await submit(5)];
  await waitedFor(old, 28);
  await waitedFor(younger, 27);
  const higher = await submit(6);
  await registerPlaces(deps, { cpu: 1 });
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  expect((await drain()).flat()).toEqual([old, higher, younger]);
});

test('a thousand admissions that ten callers race for give each video one place', async () => {
  await resumeAll(deps, 'test');
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, request_data, estimated_cost, score)
     SELECT gen_random_uuid(), 'u', 'c', 5, 'simple', '{}', 2, n FROM generate_series(1, 1000) n`,
  );
  await registerPlaces(deps, { cpu: 7 });
  const admitted: string[] = [];
  const caller = async () => {
    for (let idle = 0; idle < 3; ) {
      const videos = await commitAdmission(deps);
      idle = videos.length === 0 ? idle + 1 : 0;
      for (const { id } of videos) {
        admitted.push(id);
        await deps.pool.query(`UPDATE video_queue SET status = 'completed' WHERE id = $1`, [id]);
      }
    }
  };
  while (admitted.length < 1000) await Promise.all(Array.from({ length: 10 }, caller));
  expect(admitted).toHaveLength(1000);
  expect(new Set(admitted).size).toBe(1000);
});
