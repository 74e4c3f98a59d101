import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomFrom } from '../../activities/cards/random.ts';
import { createApp } from '../../api/app.ts';
import { QUEUES } from '../../domain/stages.ts';
import { COMPLEXITIES } from '../../domain/video.ts';
import { closeDeps, type Deps, openDeps } from '../../infra/deps.ts';
import type { RunningWorker } from '../../workers/parts.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeProduct, fakeWorks } from '../support/fake-works.ts';
import { placePeaks } from '../support/machine-figures.ts';
import { testLogger } from '../support/test-deps.ts';
import { eventually, TestPipeline, workflowBundle } from '../support/test-pipeline.ts';

const VIDEOS = 36;
/** Of each machine and lane. */
const PLACES = 2;

/** How often each video's script was begun. */
const scripts = new Map<string, number>();
const works = fakeWorks({
  script_generation: async ({ videoId }) => {
    scripts.set(videoId, (scripts.get(videoId) ?? 0) + 1);
    return fakeProduct('script_generation');
  },
});

let pipeline: TestPipeline;
let second: Deps;
let secondWorkers: RunningWorker;

const startSecond = async () =>
  startWorkers(second, QUEUES, { works, workflowBundle: await workflowBundle() });

beforeAll(async () => {
  pipeline = await TestPipeline.create({ places: { gpu: PLACES, cpu: PLACES }, works });
  const { config } = pipeline.deps;
  const machine = { ...config.machine, id: `${config.machine.id}-b` };
  second = await openDeps({ ...config, machine }, testLogger());
  secondWorkers = await startSecond();
});

afterAll(async () => {
  await secondWorkers.stop();
  await closeDeps(second);
  await pipeline.close();
});

/** Two orders through one API and a batch of two through the other, all at once. */
async function submitFour([one, other]: readonly [Hono, Hono], random: () => number): Promise<void> {
  const order = () => ({
    user_id: 'tester',
    channel_id: 'channel-1',
    prompt: 'How the deep sea was mapped',
    priority: 1 + Math.floor(random() * 10),
    complexity: COMPLEXITIES[Math.floor(random() * COMPLEXITIES.length)],
  });
  const answers = await Promise.all([
    post(one, '/pipeline/queue', order()),
    post(one, '/pipeline/queue', order()),
    post(other, '/pipeline/batch', { orders: [order(), order()] }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
}

function post(api: Hono, path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' };
  return api.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function countOf(condition: string): Promise<number> {
  const { rows } = await pipeline.deps.pool.query(`SELECT count(*) AS n FROM video_queue WHERE ${condition}`);
  return rows[0].n;
}

test('two APIs, two control workers and a worker that restarts admit and make no video twice', async () => {
  const apis = [createApp(pipeline.deps), createApp(second)] as const;
  const random = randomFrom(11);
  await submitFour(apis, random);
  for (let sent = 4; sent < VIDEOS; sent += 8) {
    await Promise.all([submitFour(apis, random), submitFour([apis[1], apis[0]], random)]);
    if (sent !== 20) continue;
    await secondWorkers.stop();
    secondWorkers = await startSecond();
  }
  const all = await countOf('true');
  await eventually(
    () => countOf(`status = 'completed'`),
    (completed) => completed === all,
    60_000,
  );

  expect(await countOf('admission_no <> 1 OR generation <> 1')).toBe(0);
  for (const peak of Object.values(await placePeaks(pipeline.deps.pool)))
    expect(peak).toBeLessThanOrEqual(2 * PLACES);
  const { rows } = await pipeline.deps.pool.query(
    `SELECT video_id, stage FROM stage_runs WHERE outcome = 'completed'
     GROUP BY video_id, stage HAVING count(*) <> 1`,
  );
  expect(rows).toEqual([]);
  expect(scripts.size).toBe(all);
  const ids = [...scripts.keys()];
  const told = await Promise.all(ids.map((id) => pipeline.told(id, 'video.completed')));
  for (const events of told) {
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'video.admitted' || type === 'video.completed')).toEqual([
      'video.admitted',
      'video.completed',
    ]);
  }
});
