import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, expect, test } from 'vitest';
import { runStage } from '../../activities/run-stage.ts';
import type { StageFailureDetails } from '../../domain/contract.ts';
import { STAGES } from '../../domain/stages.ts';
import { openPool } from '../../infra/stores/postgres.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { createTestDeps } from '../support/test-deps.ts';

const MINUTE_MS = 60_000;

const deps = await createTestDeps();
/** Nobody listens there. */
const away = openPool({ ...deps.config, databaseUrl: 'postgres://127.0.0.1:1/nobody' });
afterAll(async () => {
  await away.end();
  await deps.close();
});

/** What an attempt leaves to the next one, `minutes` ago. */
const leftFor = (minutes: number) => ({
  attempt: 1,
  at: new Date(Date.now() - minutes * MINUTE_MS).toISOString(),
});

/** An attempt while Postgres is away, after another one that could not be recorded so many minutes ago. */
async function attemptAfter(minutes: number, heartbeatDetails: unknown = leftFor(minutes)) {
  const videoId = randomUUID();
  const now = Date.now();
  const environment = new MockActivityEnvironment(
    {
      attempt: 10,
      activityId: 'act',
      workflowExecution: { workflowId: `video-${videoId}`, runId: 'run' },
      heartbeatDetails,
      scheduledTimestampMs: now - minutes * MINUTE_MS,
      currentAttemptScheduledTimestampMs: now - 1_000,
    },
    { logger: new DefaultLogger('ERROR') },
  );
  const stage = runStage({ ...deps, pool: away }, STAGES.script_generation, async () =>
    fakeProduct('script_generation'),
  );
  const input = { video_id: videoId, generation: 1, admission_no: 1, lane: 'cpu' } as const;
  const failure = await environment.run(stage, input).catch((thrown: unknown) => thrown);
  if (!(failure instanceof ApplicationFailure)) throw new Error('it did not fail');
  const alerts = (await deps.events.past(videoId)).filter(({ type }) => type === 'stage.alert');
  return { failure, details: failure.details?.[0] as StageFailureDetails, alerts };
}

test('while Postgres is away a stage is tried every 5 s, with no alert in the first minute', async () => {
  const { failure, details, alerts } = await attemptAfter(0.5);
  expect(failure).toMatchObject({ type: 'infrastructure', nonRetryable: false, nextRetryDelay: 50 });
  expect(details.release).toBeUndefined();
  expect(alerts).toEqual([]);
});

test('after a minute there is an alert, without Postgres, and none at each attempt', async () => {
  expect((await attemptAfter(1.01)).alerts).toMatchObject([
    { stage: 'script_generation', severity: 'infrastructure', message: expect.stringMatching(/for \d+ s/) },
  ]);
  expect((await attemptAfter(1.5)).alerts).toEqual([]);
});

test('trouble begins with the first attempt that meets it, however long ago its stage was scheduled', async () => {
  const { failure, details, alerts } = await attemptAfter(30, null);
  expect(failure).toMatchObject({ type: 'infrastructure', nonRetryable: false });
  expect([details.release, alerts]).toEqual([undefined, []]);
});

test('after fifteen minutes the place is given back, and nothing counts', async () => {
  const { failure, details } = await attemptAfter(15);
  expect(failure).toMatchObject({ type: 'infrastructure', nonRetryable: true });
  expect(details).toMatchObject({ kind: 'infrastructure', release: 'infrastructure' });
});
