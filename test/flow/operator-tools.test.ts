import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageWorks } from '../../activities/index.ts';
import { StageError } from '../../domain/errors.ts';
import { endsStream } from '../../domain/events.ts';
import { billOf } from '../../infra/money/bill.ts';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { fakeProduct, gpuSeconds, untilAborted } from '../support/fake-works.ts';
import { cancelInWebUi, temporalWorkflow } from '../support/temporal-operator.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create({ places: { cpu: 1, gpu: 1 } });
});

afterAll(() => pipeline.close());

/** Everything that an operator's way of ending a video could leave different. */
async function leftBehind(videoId: string, temporalStatus = 'CANCELLED') {
  const { status, reason, stage, progress, retry_count, lane } = await pipeline.ended(videoId);
  expect(await pipeline.temporalStatus(videoId)).toBe(temporalStatus);
  const { rows } = await pipeline.deps.pool.query(
    // Of audio and media either may begin first.
    'SELECT stage, outcome FROM stage_runs WHERE video_id = $1 ORDER BY stage, id',
    [videoId],
  );
  return { row: { status, reason, stage, progress, retry_count, lane }, runs: rows };
}

const WAYS = {
  api: (videoId: string) => cancelVideo(pipeline.deps, videoId, 'test'),
  cli: (videoId: string) => temporalWorkflow(pipeline.deps, 'cancel', videoId),
  ui: (videoId: string) => cancelInWebUi(pipeline.deps, videoId),
  terminate: (videoId: string) =>
    temporalWorkflow(pipeline.deps, 'terminate', videoId, '--reason', 'by hand'),
};

/** Ends one video that is rendered and one that waits, and answers what both have become. */
async function endedBy(way: keyof typeof WAYS) {
  const running = await pipeline.submit({}, { video_rendering: untilAborted });
  const waiting = await pipeline.submit();
  await pipeline.until(running, ({ stage }) => stage === 'video_rendering');
  await WAYS[way](waiting);
  const temporalStatus = way === 'terminate' ? 'TERMINATED' : 'CANCELLED';
  const one = await leftBehind(waiting, temporalStatus);
  await WAYS[way](running);
  const other = await leftBehind(running, temporalStatus);
  return [one, other];
}

test('cancel from the command line and from the Web UI leaves what the API’s cancel leaves', async () => {
  const byApi = await endedBy('api');
  expect(byApi).toMatchObject([
    { row: { status: 'cancelled', reason: 'operator_cancel' }, runs: [] },
    { row: { status: 'cancelled', reason: 'operator_cancel', stage: 'video_rendering' } },
  ]);
  expect(byApi[1]?.runs.at(-1)).toEqual({ stage: 'video_rendering', outcome: 'cancelled' });
  expect(await endedBy('cli')).toEqual(byApi);
  expect(await endedBy('ui')).toEqual(byApi);
});

test('terminate from the command line leaves the same but for the reason, and the place is given away', async () => {
  const [waiting, running] = await endedBy('terminate');
  expect(waiting).toMatchObject({ row: { status: 'cancelled', reason: 'terminated' }, runs: [] });
  expect(running).toMatchObject({
    row: { status: 'cancelled', reason: 'terminated', stage: 'video_rendering' },
  });
  expect(await pipeline.ended(await pipeline.submit())).toMatchObject({ status: 'completed' });
});

/** Works that count how often the script is written, which costs 3 cents, and a render that `render` replaces. */
function paidWorks(render: StageWorks['video_rendering']) {
  const runs = { script: 0, render: 0 };
  const works: Partial<StageWorks> = {
    script_generation: async () => {
      runs.script += 1;
      return { ...fakeProduct('script_generation'), usage: gpuSeconds(100) };
    },
    video_rendering: (context) => {
      runs.render += 1;
      return render(context);
    },
  };
  return { runs, works };
}

/** The video completes once, and what was finished before the reset was neither made nor paid again. */
async function expectPaidOnce(videoId: string, script: () => number) {
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  await pipeline.temporalStatus(videoId);
  expect(script()).toBe(1);
  const { charges } = await billOf(pipeline.deps.pool, videoId);
  const paid = charges.filter(
    ({ stage, operation }) => stage === 'script_generation' && operation === 'test',
  );
  expect(paid).toHaveLength(1);
  const types = (await pipeline.told(videoId, 'video.completed')).map(({ type }) => type);
  expect(types.filter((type) => endsStream(type))).toEqual(['video.completed']);
}

const POINTS = ['FirstWorkflowTask', 'LastWorkflowTask'] as const;
const resetTo = (videoId: string, point: (typeof POINTS)[number]) =>
  temporalWorkflow(pipeline.deps, 'reset', videoId, '--type', point, '--reason', 'by hand');

test.each(POINTS)(
  'a reset to the %s while a stage runs pays for nothing again, and ends once',
  async (point) => {
    const { works, runs } = paidWorks(async (context) =>
      runs.render === 1 ? untilAborted(context) : fakeProduct('video_rendering'),
    );
    const videoId = await pipeline.submit({}, works);
    await pipeline.until(videoId, ({ stage }) => stage === 'video_rendering');
    await resetTo(videoId, point);
    await expectPaidOnce(videoId, () => runs.script);
  },
);

test.each(POINTS)(
  'a reset to the %s between two runs pays for nothing again, and ends once',
  async (point) => {
    const { works, runs } = paidWorks(async () => {
      if (runs.render > 1) return fakeProduct('video_rendering');
      throw new StageError('rate_limited', 'come back later', { retryAfterMs: 3_600_000 });
    });
    const videoId = await pipeline.submit({}, works);
    await pipeline.until(videoId, ({ status, reason }) => status === 'queued' && reason === 'retry_after');
    await resetTo(videoId, point);
    await pipeline.deps.pool.query('UPDATE video_queue SET not_before = NULL WHERE id = $1', [videoId]);
    await expectPaidOnce(videoId, () => runs.script);
  },
);

/** A video that has been released, and is rendered for the second time until something ends that. */
async function renderedAgain() {
  const { works, runs } = paidWorks(async (context) => {
    if (runs.render > 2) return fakeProduct('video_rendering');
    if (runs.render === 2) return untilAborted(context);
    throw new StageError('rate_limited', 'come back later', { retryAfterMs: 61_000 });
  });
  const videoId = await pipeline.submit({}, works);
  await pipeline.until(videoId, ({ status, reason }) => status === 'queued' && reason === 'retry_after');
  await pipeline.deps.pool.query('UPDATE video_queue SET not_before = NULL WHERE id = $1', [videoId]);
  await eventually(
    () => runs.render,
    (count) => count === 2,
  );
  return { videoId, runs };
}

test.each(POINTS)(
  'a reset to the %s in the run after a release pays for nothing again, and ends once',
  async (point) => {
    const { videoId, runs } = await renderedAgain();
    await resetTo(videoId, point);
    await expectPaidOnce(videoId, () => runs.script);
  },
);

test('a reset to a point before a release goes on with the place of now, and ends once', async () => {
  const { videoId, runs } = await renderedAgain();
  const { events } = await pipeline.handle(videoId).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  // The first task asks for the claim, the second is told of it and starts the script under the old admission.
  const eventId = String(tasks[1]?.eventId);
  await temporalWorkflow(pipeline.deps, 'reset', videoId, '--event-id', eventId, '--reason', 'by hand');
  await expectPaidOnce(videoId, () => runs.script);
});

test('a reset after the end changes nothing', async () => {
  const { works, runs } = paidWorks(async () => fakeProduct('video_rendering'));
  const videoId = await pipeline.submit({}, works);
  await pipeline.ended(videoId);
  await pipeline.temporalStatus(videoId);
  await resetTo(videoId, 'FirstWorkflowTask');
  await expectPaidOnce(videoId, () => runs.script);
  expect(runs.render).toBe(1);
});
