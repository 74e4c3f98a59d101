import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runStage } from '../../activities/run-stage.ts';
import type { StageContext, StageWork } from '../../activities/stage.ts';
import type { StageInput, StageOutcome } from '../../domain/contract.ts';
import { type ErrorKind, StageError } from '../../domain/errors.ts';
import { MAX_WORKER_LOSSES, STAGE_NAMES, STAGES, type StageName } from '../../domain/stages.ts';
import { billOf } from '../../infra/money/bill.ts';
import { fakeProduct, gpuSeconds, untilAborted } from '../support/fake-works.ts';
import { anOrder, createTestDeps, type TestDeps } from '../support/test-deps.ts';

let deps: TestDeps;
let input: StageInput;

beforeAll(async () => {
  deps = await createTestDeps();
});

afterAll(() => deps.close());

beforeEach(async () => {
  input = { video_id: randomUUID(), generation: 1, admission_no: 1, lane: 'cpu' };
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, status, request_data, estimated_cost,
       score, lane, admission_no) VALUES ($1, 'u', 'c', 5, 'simple', 'processing', $2, 2, 0, 'cpu', 1)`,
    [input.video_id, JSON.stringify(anOrder())],
  );
  await deps.pool.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, 3)', [input.video_id]);
});

test('stores result and charges, and gives the stored result again for nothing', async () => {
  const work: StageWork<'script_generation'> = async () => ({
    ...fakeProduct('script_generation'),
    usage: gpuSeconds(100),
  });
  const first = await run('script_generation', work);
  expect(first).toMatchObject({ stage: 'script_generation', total: 30_000, reused: false });
  const again = await run('script_generation', () => Promise.reject(new Error('ran twice')), { attempt: 2 });
  expect(again).toMatchObject({ total: 30_000, seq: first.seq, reused: true });
  expect((await runsOf()).map(({ outcome }) => outcome)).toEqual(['completed', 'reused']);
});

test('a stage knows how often its result was made before; attempts without a result do not count', async () => {
  const told: number[] = [];
  const work: StageWork<'script_generation'> = async ({ madeBefore }) => {
    told.push(madeBefore);
    return fakeProduct('script_generation');
  };
  await failing('script_generation', 'connection', 1);
  await run('script_generation', work, { attempt: 2 });
  await run('script_generation', work, { attempt: 3 });
  await deps.pool.query('DELETE FROM stage_results WHERE video_id = $1', [input.video_id]);
  await run('script_generation', work, { attempt: 4 });
  expect(told).toEqual([0, 1]);
});

test('a lane stage pays for its seconds, and a failed attempt too', async () => {
  await failing('quality_validation', 'process_failed');
  await run('quality_validation', async () => fakeProduct('quality_validation'), { attempt: 2 });
  const { charges } = await billOf(deps.pool, input.video_id);
  expect(charges.map(({ service, unit }) => `${service}/${unit}`)).toEqual(
    Array(2).fill('cpu_compute/second'),
  );
});

test('a kind that counts is tried again after its wait, until its retries are used up', async () => {
  const first = await failing('media_collection', 'missing_data', 1);
  expect(first).toMatchObject({ type: 'missing_data', nonRetryable: false, nextRetryDelay: 50 });
  await failing('media_collection', 'missing_data', 2);
  expect(await failing('media_collection', 'missing_data', 3)).toMatchObject({ nonRetryable: false });
  expect(await failing('media_collection', 'missing_data', 4)).toMatchObject({ nonRetryable: true });
  expect((await errorLog()).map(({ next }) => next)).toEqual([
    ...Array(3).fill('next attempt in 0.05 s'),
    'the tries of this run are used up',
  ]);
});

test('the wait grows with the kind, and a provider may name its own', async () => {
  expect(await failing('script_generation', 'connection', 1)).toMatchObject({ nextRetryDelay: 200 });
  expect(await failing('script_generation', 'connection', 2)).toMatchObject({ nextRetryDelay: 400 });
  const work = () => Promise.reject(new StageError('rate_limited', 'slow down', { retryAfterMs: 7_000 }));
  expect(await failureOf(run('audio_synthesis', work))).toMatchObject({ nextRetryDelay: 70 });
});

test('an error that nobody foresaw ends the stage at once and keeps its cause', async () => {
  const failure = await failureOf(
    run('script_generation', () => Promise.reject(new TypeError('no such field'))),
  );
  expect(failure).toMatchObject({ type: 'bug', nonRetryable: true });
  expect(failure.details).toEqual([
    { kind: 'bug', stage: 'script_generation', message: 'TypeError: no such field' },
  ]);
  expect(failure.cause?.message).toBe('no such field');
});

test('trouble of our own servers never uses up a retry', async () => {
  const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
  for (const attempt of [1, 2, 3]) {
    const failure = await failureOf(run('quality_validation', () => Promise.reject(away), { attempt }));
    expect(failure).toMatchObject({ type: 'infrastructure', nonRetryable: false });
  }
  expect(await failing('quality_validation', 'process_failed', 4)).toMatchObject({ nonRetryable: false });
});

test.each(STAGE_NAMES)(
  '%s is aborted at its limit, and fails at the last try of its row of the table',
  async (stage) => {
    const spec = { ...STAGES[stage], limitMs: 20 };
    for (let attempt = 1; attempt <= spec.retries + 1; attempt += 1) {
      let aborted: unknown;
      const work = (context: StageContext) =>
        untilAborted(context).finally(() => {
          aborted = context.signal.reason;
        });
      const failure = await failureOf(run(stage, work, { spec, attempt }));
      expect(failure).toMatchObject({ type: 'timeout', message: `${stage} took longer than 0.02 s` });
      expect(failure.nonRetryable).toBe(attempt === spec.retries + 1);
      expect(aborted).toMatchObject({ kind: 'timeout' });
    }
  },
);

test('a cancelled attempt ends as cancelled and is no error', async () => {
  const environment = environmentOf({});
  const stage = runStage(deps, STAGES.quality_validation, async (context) => {
    environment.cancel('CANCELLED');
    return untilAborted(context);
  });
  await expect(environment.run(stage, input)).rejects.toBeInstanceOf(CancelledFailure);
  expect(await runsOf()).toMatchObject([{ outcome: 'cancelled' }]);
  expect(await errorLog()).toEqual([]);
});

test('an open row of a dead worker is no failure', async () => {
  await deadRun('1', null);
  expect(await failing('quality_validation', 'process_failed', 2)).toMatchObject({ nonRetryable: false });
  expect((await runsOf()).map(({ outcome }) => outcome)).toEqual(['worker_lost', 'failed']);
});

test('a stage that keeps killing its workers fails as worker_lost', async () => {
  for (let n = 0; n <= MAX_WORKER_LOSSES; n += 1) await deadRun(`lost-${n}`, 'worker_lost');
  const work = () => Promise.reject(new Error('ran'));
  expect(await failureOf(run('quality_validation', work))).toMatchObject({
    type: 'worker_lost',
    nonRetryable: true,
  });
});

test('an attempt of an older admission does no work', async () => {
  await deps.pool.query('UPDATE video_queue SET admission_no = 2 WHERE id = $1', [input.video_id]);
  const failure = await failureOf(run('script_generation', () => Promise.reject(new Error('ran'))));
  expect(failure).toMatchObject({ type: 'superseded', nonRetryable: true });
});

test('files are published and kept under the video, and the work folder is gone afterwards', async () => {
  let folder = '';
  await run('script_generation', async ({ workDir, publish, fetch, kept, warn }) => {
    folder = workDir;
    await writeFile(join(workDir, 'a.txt'), 'a');
    const ref = await publish(join(workDir, 'a.txt'), 'a.txt');
    expect(ref.key).toBe(`${input.video_id}/script_generation/run-1234-act-1/a.txt`);
    expect(await readFile(await fetch(ref), 'utf8')).toBe('a');
    expect(await kept.find('b.txt')).toBeNull();
    await writeFile(join(workDir, 'b.txt'), 'b');
    const path = await kept.keep(join(workDir, 'b.txt'), 'b.txt');
    expect(await kept.find('b.txt')).toBe(path);
    warn('few', 'few files');
    return fakeProduct('script_generation');
  });
  expect(existsSync(folder)).toBe(false);
  const { rows } = await deps.pool.query('SELECT warnings FROM video_queue WHERE id = $1', [input.video_id]);
  expect(rows[0].warnings).toEqual([{ stage: 'script_generation', code: 'few', message: 'few files' }]);
});

interface RunOptions {
  attempt?: number;
  spec?: (typeof STAGES)[StageName];
}

function environmentOf({ attempt = 1 }: RunOptions): MockActivityEnvironment {
  // `stage_runs` is unique over run, activity and attempt; here each video is a run of its own.
  const workflowExecution = { workflowId: `video-${input.video_id}`, runId: `run-1234${input.video_id}` };
  const info = { attempt, activityId: 'act', workflowExecution };
  return new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
}

function run<T extends StageName>(
  stage: T,
  work: StageWork<T>,
  options: RunOptions = {},
): Promise<StageOutcome> {
  const activity = runStage(deps, options.spec ?? STAGES[stage], work);
  return environmentOf(options).run(activity, input) as Promise<StageOutcome>;
}

function failing(stage: StageName, kind: ErrorKind, attempt = 1): Promise<ApplicationFailure> {
  return failureOf(run(stage, () => Promise.reject(new StageError(kind, 'on purpose')), { attempt }));
}

async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  const failure = await running.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
  if (!(failure instanceof ApplicationFailure)) throw failure;
  return failure;
}

async function runsOf(): Promise<{ outcome: string }[]> {
  const { rows } = await deps.pool.query('SELECT outcome FROM stage_runs WHERE video_id = $1 ORDER BY id', [
    input.video_id,
  ]);
  return rows;
}

async function errorLog(): Promise<{ next: string }[]> {
  const { rows } = await deps.pool.query('SELECT error_log FROM video_queue WHERE id = $1', [input.video_id]);
  return rows[0].error_log;
}

async function deadRun(runId: string, outcome: string | null): Promise<void> {
  await deps.pool.query(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, lane, run_id, activity_id, attempt, worker,
       ended_at, outcome)
     VALUES ($1, 'quality_validation', 1, 1, 'cpu', $2, 'act', 1, 'w', CASE WHEN $3::text IS NULL THEN NULL ELSE now() END, $3)`,
    [input.video_id, `${input.video_id}/${runId}`, outcome],
  );
}
