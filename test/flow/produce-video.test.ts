import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageContext, StageProduct } from '../../activities/stage.ts';
import { ADMITTED, type AdmittedSignal, STATUS_QUERY, WORKFLOW_TYPE } from '../../domain/contract.ts';
import type { StageName } from '../../domain/stages.ts';
import { billOf } from '../../infra/money/bill.ts';
import { changeVideo } from '../../infra/moves/change.ts';
import { pauseAll, resumeAll } from '../../infra/moves/pause.ts';
import { taskQueue } from '../../infra/temporal/temporal.ts';
import { fakeProduct, gpuSeconds } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create();
});

afterAll(() => pipeline.close());

test('a video runs through six stages in order, audio and media side by side', async () => {
  const marks: string[] = [];
  const both = meeting(2);
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: marked(marks, 'script_generation'),
      audio_synthesis: marked(marks, 'audio_synthesis', both),
      media_collection: marked(marks, 'media_collection', both),
      video_rendering: marked(marks, 'video_rendering'),
      quality_validation: marked(marks, 'quality_validation'),
      upload_preparation: marked(marks, 'upload_preparation'),
    },
  );
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'completed', progress: 100, reason: null });
  expect(await pipeline.temporalStatus(videoId)).toBe('COMPLETED');
  expect(marks.filter((mark) => !/audio|media/.test(mark))).toEqual(
    ['script_generation', 'video_rendering', 'quality_validation', 'upload_preparation'].flatMap((stage) => [
      `begin ${stage}`,
      `end ${stage}`,
    ]),
  );
  expect(marks.slice(2, 4).sort()).toEqual(['begin audio_synthesis', 'begin media_collection']);
  expect(marks.indexOf('begin video_rendering')).toBe(6);
});

test('queries, search attributes and details tell an operator where a video is', async () => {
  const gate = latch();
  const videoId = await pipeline.submit(
    {},
    {
      video_rendering: async () => {
        await gate.opened;
        return fakeProduct('video_rendering');
      },
    },
  );
  const handle = pipeline.handle(videoId);
  const status = await eventually(
    () => handle.query<{ stages: string[] }>(STATUS_QUERY).catch(() => null),
    (answer) => answer?.stages[0] === 'video_rendering',
  );
  expect(status).toEqual({
    phase: 'processing',
    lane: 'cpu',
    stages: ['video_rendering'],
    done: expect.arrayContaining(['script_generation', 'audio_synthesis', 'media_collection']),
    paused: false,
    reason: null,
  });
  const { searchAttributes } = await handle.describe();
  expect(searchAttributes).toMatchObject({
    VideoStatus: ['processing'],
    Stage: ['video_rendering'],
    Lane: ['cpu'],
    Priority: [5],
  });
  gate.open();
  await pipeline.ended(videoId);
});

test('a priority that is changed while a video waits is shown in Temporal once it is made', async () => {
  await pauseAll(pipeline.deps, 'test');
  const videoId = await pipeline.submit({ priority: 5 });
  await changeVideo(pipeline.deps, videoId, 'anna', { priority: 9 });
  await resumeAll(pipeline.deps, 'test');
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', priority: 9 });
  expect((await pipeline.handle(videoId).describe()).searchAttributes).toMatchObject({ Priority: [9] });
});

test('a doubled and a late admission make one production', async () => {
  const runs = counted();
  const videoId = await pipeline.submit({}, { script_generation: runs.work });
  await pipeline.ended(videoId);
  await pipeline.handle(videoId).result();
  const late: AdmittedSignal = { admission_no: 1, lane: 'cpu' };
  const handle = await pipeline.deps.temporal.workflow.signalWithStart(WORKFLOW_TYPE, {
    workflowId: pipeline.handle(videoId).workflowId,
    taskQueue: taskQueue(pipeline.deps.config, 'control'),
    args: [{ video_id: videoId, generation: 1 }],
    signal: ADMITTED,
    signalArgs: [late],
  });
  expect(await handle.result()).toMatchObject({ status: 'superseded' });
  expect((await handle.describe()).status.name).toBe('COMPLETED');
  expect(runs.count()).toBe(1);
});

test('the same admission twice while the video is made is ignored', async () => {
  const runs = counted();
  const gate = latch();
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: runs.work,
      audio_synthesis: async () => {
        await gate.opened;
        return fakeProduct('audio_synthesis');
      },
    },
  );
  await eventually(runs.count, (count) => count === 1);
  await pipeline.handle(videoId).signal(ADMITTED, { admission_no: 1, lane: 'gpu' } satisfies AdmittedSignal);
  gate.open();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', lane: 'cpu' });
  expect(runs.count()).toBe(1);
});

test('after a reset the stored results are reused and cost nothing', async () => {
  const runs = counted();
  const gate = latch();
  const videoId = await pipeline.submit(
    {},
    {
      script_generation: async (context) => ({
        ...(await runs.work(context)),
        usage: gpuSeconds(100),
      }),
      video_rendering: async () => {
        await gate.opened;
        return fakeProduct('video_rendering');
      },
    },
  );
  await pipeline.until(videoId, ({ stage }) => stage === 'video_rendering');
  await pipeline.resetToStart(videoId);
  gate.open();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  expect(runs.count()).toBe(1);
  const { charges } = await billOf(pipeline.deps.pool, videoId);
  expect(charges.filter(({ stage }) => stage === 'script_generation')).toHaveLength(1);
  const events = await pipeline.told(videoId, 'video.completed');
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'stage.completed', stage: 'script_generation', reused: true, cost: 0 }),
  );
});

function marked<T extends StageName>(marks: string[], stage: T, together?: () => Promise<void>) {
  return async (): Promise<StageProduct<T>> => {
    marks.push(`begin ${stage}`);
    await together?.();
    marks.push(`end ${stage}`);
    return fakeProduct(stage);
  };
}

/** Resolves for all callers once `size` of them have come. */
function meeting(size: number): () => Promise<void> {
  const all = latch();
  let here = 0;
  return () => {
    here += 1;
    if (here === size) all.open();
    return all.opened;
  };
}

function counted() {
  let count = 0;
  return {
    count: () => count,
    work: async (_: StageContext) => {
      count += 1;
      return fakeProduct('script_generation');
    },
  };
}
