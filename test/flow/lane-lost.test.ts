import { WorkflowNotFoundError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpendState } from '../../domain/budget.ts';
import { SPEND_QUERY, workflowIdOf } from '../../domain/contract.ts';
import { toDollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import { hold } from '../../infra/money/holds.ts';
import { spendOf } from '../../infra/money/ledger.ts';
import { emergencyHalt, resumeAll } from '../../infra/moves/pause.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { beginRun } from '../../infra/stages/stage-records.ts';
import { ensureSearchAttributes, taskQueue } from '../../infra/temporal/temporal.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import type { RunningWorker } from '../../workers/parts.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeProduct, fakeWorks } from '../support/fake-works.ts';
import { anOrder, createTestDeps, registerPlaces, type TestDeps } from '../support/test-deps.ts';
import { eventually, workflowBundle } from '../support/test-pipeline.ts';

let scripts = 0;
const works = fakeWorks({
  script_generation: async () => {
    scripts += 1;
    return fakeProduct('script_generation');
  },
});

let deps: TestDeps;
let workers: RunningWorker;
beforeAll(async () => {
  deps = await createTestDeps();
  await ensureSearchAttributes(deps.temporal, deps.config);
  // A machine that has offered its place, and is gone before a stage gets there.
  await registerPlaces(deps, { gpu: 1 });
  workers = await startWorkers(deps, ['control', 'io'], { works, workflowBundle: await workflowBundle() });
});
afterAll(async () => {
  await workers.stop();
  await deps.close();
});

const handleOf = (videoId: string) => deps.temporal.workflow.getHandle(workflowIdOf(videoId));

/** A start that had no answer within its second is made up for by reconcile. */
function notYet(error: unknown): null {
  if (error instanceof WorkflowNotFoundError) return null;
  throw error;
}

/** Waits for the stage on the lane's queue, and makes one of its timeouts short. */
async function hastenLaneStage(
  videoId: string,
  timeout: 'scheduleToStartTimeout' | 'heartbeatTimeout',
  ms: number,
): Promise<void> {
  const waiting = await eventually(
    async () => (await handleOf(videoId).describe().catch(notYet))?.raw.pendingActivities ?? [],
    (activities) => activities.some(({ activityType }) => activityType?.name === 'audio_synthesis'),
  );
  const stage = waiting.find(({ activityType }) => activityType?.name === 'audio_synthesis');
  expect(stage?.activityOptions?.scheduleToStartTimeout?.seconds?.toNumber()).toBe(120);
  await deps.temporal.workflowService.updateActivityOptions({
    namespace: deps.config.temporal.namespace,
    execution: { workflowId: workflowIdOf(videoId) },
    id: stage?.activityId ?? '',
    activityOptions: { [timeout]: msToTs(ms) },
    updateMask: { paths: [timeout.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] },
  });
}

/** Takes the stage from the lane's queue as a worker does, and is never heard of again. */
async function takeAndDie(): Promise<void> {
  const { temporal, config } = deps;
  const task = await temporal.withDeadline(Date.now() + 30_000, () =>
    temporal.workflowService.pollActivityTaskQueue({
      namespace: config.temporal.namespace,
      taskQueue: { name: taskQueue(config, 'gpu') },
      identity: 'a worker that dies',
    }),
  );
  expect(task.activityType?.name).toBe('audio_synthesis');
}

async function submitToGpu(): Promise<string> {
  const answer = await submitOrder(deps, anOrder({ complexity: 'complex' }));
  if (!answer.accepted) throw new Error(answer.code);
  return answer.video_id;
}

test('a video whose lane no worker serves gives its place back, waits while there is none, and goes on with the next worker', async () => {
  const video_id = await submitToGpu();
  await eventually(
    () => readVideo(deps, video_id),
    (video) => video?.status === 'processing',
  );
  // What a lease that is not renewed comes to after its 15 s.
  await deps.pool.query(`UPDATE lane_workers SET lease_until = clock_timestamp()`);
  await hastenLaneStage(video_id, 'scheduleToStartTimeout', 300);
  const waiting = await eventually(
    () => readVideo(deps, video_id),
    (video) => video?.status === 'queued',
  );
  expect(waiting).toMatchObject({ reason: 'lane_lost', retry_count: 0 });

  const machine = { ...deps.config.machine, id: `${deps.config.machine.id}-b` };
  const joining = await startWorkers({ ...deps, config: { ...deps.config, machine } }, ['gpu'], { works });
  await eventually(
    () => readVideo(deps, video_id),
    (video) => video?.status === 'completed',
  );
  await joining.stop();
  expect(scripts).toBe(1);
});

/** A video that is halted while nobody misses its dead worker yet, which had a call of a dime in flight. */
async function haltedWithItsWorker(): Promise<string> {
  await registerPlaces(deps, { gpu: 1 });
  const video_id = await submitToGpu();
  await hastenLaneStage(video_id, 'heartbeatTimeout', 3_000);
  await takeAndDie();
  await holdDime(video_id);
  await emergencyHalt(deps, 'test');
  await handleOf(video_id)
    .result()
    .catch(() => undefined);
  await resumeAll(deps, 'test');
  return video_id;
}

async function holdDime(video_id: string): Promise<void> {
  const stage: StageName = 'audio_synthesis';
  const input = { video_id, generation: 1, admission_no: 1, lane: 'gpu' } as const;
  const place = { run_id: video_id, activity_id: 'a', attempt: 1 };
  const run = (await beginRun(deps, input, stage, place, 'a worker that dies')).id;
  const call = { service: 'tts', operation: 'test', provider: 'p', model: 'm' } as const;
  const held = { video_id, run, stage, attempt: 1, key: 'call', call, amount: 100_000 };
  expect(await hold(deps.pool, held)).toBe('held');
}

test('a halt while a worker that has died is not missed yet ends the video as halted, not as a bug', async () => {
  const video_id = await haltedWithItsWorker();
  const ended = await readVideo(deps, video_id);
  expect(ended).toMatchObject({ status: 'cancelled', reason: 'emergency_halt', stage: 'audio_synthesis' });
  expect((await handleOf(video_id).describe()).status.name).toBe('CANCELLED');
});

test('a call that a dead worker had in flight is in the total of the workflow as in the ledger and the API', async () => {
  const video_id = await haltedWithItsWorker();
  const { total, seq } = await spendOf(deps.pool, video_id);
  expect(total).toBeGreaterThanOrEqual(100_000);
  expect(await handleOf(video_id).query<SpendState>(SPEND_QUERY)).toEqual({ total, seq });
  expect(await readVideo(deps, video_id)).toMatchObject({ actual_cost: toDollars(total) });
  const { searchAttributes } = await handleOf(video_id).describe();
  expect(searchAttributes).toMatchObject({ SpendUsd: [toDollars(total)] });
});
