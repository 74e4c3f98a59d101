import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_WORKER_LOSSES } from '../../domain/stages.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { type SeverableServers, startSeverableServers } from '../support/severed.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const OUTAGES = MAX_WORKER_LOSSES + 1;

let servers: SeverableServers;
let pipeline: TestPipeline;

beforeAll(async () => {
  servers = await startSeverableServers();
  pipeline = await TestPipeline.create({ config: servers.config });
});

afterAll(async () => {
  await pipeline.close();
  await servers.close();
});

/** Number of the attempt that Temporal runs now, or tries next. */
async function attemptOf(videoId: string, stage: string): Promise<number> {
  const { pendingActivities } = (await pipeline.handle(videoId).describe()).raw;
  const found = pendingActivities?.find(({ activityType }) => activityType?.name === stage);
  return found?.attempt ?? 0;
}

test('short outages of Postgres at the end of attempts do not add up to lost workers', async () => {
  const cutIn: number[] = [];
  const videoId = await pipeline.submit(
    {},
    {
      quality_validation: async () => {
        if (cutIn.length < OUTAGES) {
          await servers.postgres.cut();
          cutIn.push(Context.current().info.attempt);
        }
        return fakeProduct('quality_validation');
      },
    },
  );
  for (let outage = 1; outage <= OUTAGES; outage += 1) {
    await eventually(
      async () => cutIn.length,
      (cuts) => cuts === outage,
    );
    await eventually(
      () => attemptOf(videoId, 'quality_validation'),
      (attempt) => attempt > (cutIn.at(-1) ?? 0),
    );
    await servers.postgres.restore();
  }
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'completed', retry_count: 0 });
  const checks = view.attempts.filter(({ stage }) => stage === 'quality_validation');
  expect(checks.map(({ attempt, outcome }) => [attempt, outcome]).slice(0, OUTAGES)).toEqual(
    cutIn.map((attempt) => [attempt, 'failed']),
  );
  expect(view.errors.map(({ attempt, kind }) => [attempt, kind])).toEqual(
    cutIn.map((attempt) => [attempt, 'infrastructure']),
  );
});
