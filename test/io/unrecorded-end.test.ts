import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { runStage } from '../../activities/run-stage.ts';
import type { StageInput } from '../../domain/contract.ts';
import { MAX_WORKER_LOSSES, STAGES } from '../../domain/stages.ts';
import { beginRun } from '../../infra/stages/stage-records.ts';
import { openPool } from '../../infra/stores/postgres.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { admittedVideo, createTestDeps } from '../support/test-deps.ts';

const stage = 'script_generation';

const deps = await createTestDeps();
/** Nobody listens there. */
const away = openPool({ ...deps.config, databaseUrl: 'postgres://127.0.0.1:1/nobody' });
afterAll(async () => {
  await away.end();
  await deps.close();
});

let input: StageInput;
beforeEach(async () => {
  input = await admittedVideo(deps);
});

const runOf = (attempt: number) => ({ run_id: input.video_id, activity_id: 'act', attempt });

/** Runs an attempt with the details that the one before it left, and answers its end and what it leaves itself. */
async function run(
  attempt: number,
  left: unknown,
  postgres: 'here' | 'away at its begin' | 'away at its end',
) {
  const { run_id: runId, activity_id: activityId } = runOf(attempt);
  const environment = new MockActivityEnvironment(
    { attempt, activityId, workflowExecution: { workflowId: 'w', runId }, heartbeatDetails: left },
    { logger: new DefaultLogger('ERROR') },
  );
  let leaves: unknown = left;
  environment.on('heartbeat', (details: unknown) => {
    leaves = details;
  });
  const own = { ...deps, pool: postgres === 'away at its begin' ? away : deps.pool };
  const work = runStage(own, STAGES[stage], async () => {
    if (postgres === 'away at its end') own.pool = away;
    return fakeProduct(stage);
  });
  const end = await environment.run(work, input).catch((thrown: unknown) => thrown);
  return { end: end instanceof ApplicationFailure ? end.type : 'completed', leaves };
}

async function attempts() {
  const view = await readVideo(deps, input.video_id);
  return view?.attempts.map(({ attempt, outcome, kind }) => [attempt, outcome, kind]);
}

test('an end that found no Postgres is recorded by the next attempt that finds it, as trouble of our own', async () => {
  const first = await run(1, undefined, 'away at its end');
  expect(first.end).toBe('infrastructure');
  const second = await run(2, first.leaves, 'away at its begin');
  expect(second).toEqual({ end: 'infrastructure', leaves: first.leaves });
  expect(await run(3, second.leaves, 'here')).toMatchObject({ end: 'completed' });
  expect(await attempts()).toEqual([
    [1, 'failed', 'infrastructure'],
    [3, 'completed', null],
  ]);
  expect((await readVideo(deps, input.video_id))?.errors).toEqual([first.leaves]);
});

test('outages of Postgres at the end of attempts are no lost workers, however many they are', async () => {
  let left: unknown;
  for (let attempt = 1; attempt <= MAX_WORKER_LOSSES + 2; attempt += 1) {
    const { end, leaves } = await run(attempt, left, 'away at its end');
    expect(end).toBe('infrastructure');
    left = leaves;
  }
  expect(await run(MAX_WORKER_LOSSES + 3, left, 'here')).toMatchObject({ end: 'completed' });
});

test('a worker that dies after such an end is lost all the same', async () => {
  const { leaves } = await run(1, undefined, 'away at its end');
  // The worker of each dies before its heart beats.
  for (let attempt = 2; attempt <= MAX_WORKER_LOSSES + 2; attempt += 1) {
    await beginRun(deps, input, stage, runOf(attempt), 'a worker that dies');
  }
  expect(await run(MAX_WORKER_LOSSES + 3, leaves, 'here')).toMatchObject({ end: 'worker_lost' });
});
