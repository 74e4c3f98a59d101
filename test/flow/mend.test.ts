import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageWorks } from '../../activities/index.ts';
import type { StageContext, StageProduct } from '../../activities/stage.ts';
import { StageError } from '../../domain/errors.ts';
import { judgeCheck } from '../../domain/quality.ts';
import type { QualityCheck } from '../../domain/results.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import { billOf } from '../../infra/money/bill.ts';
import { fakeProduct, fakeWorks, gpuSeconds, untilAborted } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const LOUD = judgeCheck('loudness', -9.1);
const BLACK = judgeCheck('black', 2);
const WIDE = judgeCheck('caption_width', 1);

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create();
});

afterAll(() => pipeline.close());

test('a failed check runs the stage that mends it and the later ones again, once, and the video completes', async () => {
  const { works, runs } = counted({ quality_validation: findings([LOUD], []) });
  const videoId = await pipeline.submit({}, works);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', progress: 100, errors: [] });
  expect(runs).toEqual({
    script_generation: 1,
    audio_synthesis: 2,
    media_collection: 1,
    video_rendering: 2,
    quality_validation: 2,
    upload_preparation: 1,
  });
  expect(await storyOf(videoId)).toEqual([
    ...['script_generation 5', 'quality_validation 95'],
    'quality failed: loudness -9.1 LUFS (bound -14 ± 1), audio_synthesis runs again',
    ...['audio_synthesis 25', 'video_rendering 85', 'quality_validation 95', 'upload_preparation 100'],
  ]);
  expect(await audited(videoId)).toEqual([
    { from: 'audio_synthesis', checks: 'loudness -9.1 LUFS (bound -14 ± 1)' },
  ]);
});

test('exactly the results from the stage on are dropped, with their warnings and the kept segments', async () => {
  const second = latch();
  const validate = findings([BLACK], []);
  const kept: (string | null)[] = [];
  const { works } = counted({
    video_rendering: async (context) => {
      kept.push(await context.kept.find('segment'));
      if (kept.length > 1) await second.opened;
      await writeFile(join(context.workDir, 'segment'), 'x');
      await context.kept.keep(join(context.workDir, 'segment'), 'segment');
      return fakeProduct('video_rendering');
    },
    quality_validation: async (context) => {
      context.warn('quality_frozen', 'too still');
      return validate(context);
    },
  });
  const videoId = await pipeline.submit({}, works);
  await eventually(
    () => kept.length,
    (count) => count === 2,
  );
  expect(await storedStages(videoId)).toEqual(['audio_synthesis', 'media_collection', 'script_generation']);
  expect(await pipeline.until(videoId, () => true)).toMatchObject({ progress: 25, warnings: [] });
  second.open();
  expect(await pipeline.ended(videoId)).toMatchObject({
    status: 'completed',
    warnings: [{ code: 'quality_frozen' }],
  });
  expect(kept).toEqual([null, null]);
});

test('a stage that is paid again is billed twice', async () => {
  const { works } = counted({
    audio_synthesis: async () => ({ ...fakeProduct('audio_synthesis'), usage: gpuSeconds(100) }),
    quality_validation: findings([LOUD], []),
  });
  const videoId = await pipeline.submit({}, works);
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
  const { charges } = await billOf(pipeline.deps.pool, videoId);
  expect(
    charges.filter(({ stage, operation }) => stage === 'audio_synthesis' && operation === 'test'),
  ).toHaveLength(2);
});

test('a video that fails its checks again ends as failed for quality, with check, value and bound', async () => {
  const { works, runs } = counted({ quality_validation: findings([BLACK], [BLACK], []) });
  const videoId = await pipeline.submit({}, works);
  expect(await pipeline.ended(videoId)).toMatchObject({
    status: 'failed',
    reason: 'quality',
    stage: 'quality_validation',
    message: 'quality checks failed after video_rendering ran again: black 2 s (bound ≤ 0.5)',
  });
  expect(runs).toMatchObject({ video_rendering: 2, quality_validation: 2, upload_preparation: 0 });
  expect(await pipeline.temporalStatus(videoId)).toBe('FAILED');
});

test('a video that is released in its mend is not mended a second time', async () => {
  let renders = 0;
  const { works, runs } = counted({
    video_rendering: async () => {
      renders += 1;
      if (renders === 2 || renders === 3) throw new StageError('process_failed', 'on purpose');
      return fakeProduct('video_rendering');
    },
    quality_validation: findings([BLACK], [BLACK], []),
  });
  const videoId = await pipeline.submit({}, works);
  expect(await pipeline.ended(videoId)).toMatchObject({
    status: 'failed',
    reason: 'quality',
    message: 'quality checks failed after video_rendering ran again: black 2 s (bound ≤ 0.5)',
  });
  expect(runs).toMatchObject({ video_rendering: 4, quality_validation: 2 });
});

test('a check that no stage can mend fails the video at once', async () => {
  const { works, runs } = counted({ quality_validation: findings([WIDE, LOUD], []) });
  const videoId = await pipeline.submit({}, works);
  expect(await pipeline.ended(videoId)).toMatchObject({
    status: 'failed',
    reason: 'quality',
    message: 'quality checks failed: caption_width 1 (bound ≤ 0); loudness -9.1 LUFS (bound -14 ± 1)',
  });
  expect(runs).toMatchObject({ audio_synthesis: 1, video_rendering: 1, quality_validation: 1 });
});

test('a mend that no longer fits under the cap is refused, and throws nothing away', async () => {
  const { works, runs } = counted({
    // $2.82 spent: validation ($0.05) was affordable, speech ($0.20) no longer is.
    video_rendering: async () => ({ ...fakeProduct('video_rendering'), usage: gpuSeconds(9_400) }),
    quality_validation: findings([LOUD], []),
  });
  const videoId = await pipeline.submit({}, works);
  expect(await pipeline.ended(videoId)).toMatchObject({
    status: 'cancelled',
    reason: 'cost_limit',
    stage: 'audio_synthesis',
  });
  expect(runs).toMatchObject({ audio_synthesis: 1, quality_validation: 1 });
  expect(await storedStages(videoId)).toContain('video_rendering');
});

test('an operator cancels a video that is mended', async () => {
  let renders = 0;
  const { works, runs } = counted({
    video_rendering: async (context) => {
      renders += 1;
      return renders === 2 ? untilAborted(context) : fakeProduct('video_rendering');
    },
    quality_validation: findings([BLACK], []),
  });
  const videoId = await pipeline.submit({}, works);
  await eventually(
    () => renders,
    (count) => count === 2,
  );
  await pipeline.handle(videoId).cancel();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
  expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
  expect(runs).toMatchObject({ video_rendering: 2, quality_validation: 1 });
});

test.each(['stopped workers', 'a reset'])(
  '%s in a mend repeats nothing that is finished',
  async (trouble) => {
    let renders = 0;
    const { works, runs } = counted({
      video_rendering: async (context) => {
        renders += 1;
        return renders === 2 ? untilAborted(context) : fakeProduct('video_rendering');
      },
      quality_validation: findings([LOUD], []),
    });
    const videoId = await pipeline.submit({}, works);
    await eventually(
      () => renders,
      (count) => count === 2,
    );
    if (trouble === 'a reset') await pipeline.resetToStart(videoId);
    else {
      await pipeline.stopWorkers();
      await pipeline.startWorkers();
    }
    expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', errors: [] });
    expect(runs).toEqual({
      script_generation: 1,
      audio_synthesis: 2,
      media_collection: 1,
      video_rendering: 3,
      quality_validation: 2,
      upload_preparation: 1,
    });
  },
);

/** Validation that finds these failed checks at its first, second … run. */
function findings(...each: QualityCheck[][]) {
  let run = 0;
  return async (_: StageContext): Promise<StageProduct<'quality_validation'>> => {
    const checks = each[run] ?? [];
    run += 1;
    return { ...fakeProduct('quality_validation'), result: { score: 1, checks } };
  };
}

/** Works that count their runs. */
function counted(replaced: Partial<StageWorks>): { works: StageWorks; runs: Record<StageName, number> } {
  const inner = fakeWorks(replaced);
  const runs = Object.fromEntries(STAGE_NAMES.map((stage) => [stage, 0])) as Record<StageName, number>;
  const works = Object.fromEntries(
    STAGE_NAMES.map((stage) => [
      stage,
      (context: StageContext) => {
        runs[stage] += 1;
        return inner[stage](context);
      },
    ]),
  );
  return { works: works as unknown as StageWorks, runs };
}

async function storedStages(videoId: string): Promise<string[]> {
  const { rows } = await pipeline.deps.pool.query<{ stage: string }>(
    'SELECT stage FROM stage_results WHERE video_id = $1 ORDER BY stage',
    [videoId],
  );
  return rows.map(({ stage }) => stage);
}

async function audited(videoId: string): Promise<unknown[]> {
  const { rows } = await pipeline.deps.pool.query(
    `SELECT detail FROM audit_log WHERE who = 'quality' AND action = 'discard_results' AND video_id = $1`,
    [videoId],
  );
  return rows.map(({ detail }) => detail);
}

/** Ends of stages with the progress after them, and rejections; the first round's side-by-side middle is left out. */
async function storyOf(videoId: string): Promise<string[]> {
  const events = await pipeline.told(videoId, 'video.completed');
  const lines = events.flatMap((event) => {
    if (event.type === 'stage.completed') return [`${event.stage} ${event.progress}`];
    if (event.type === 'quality.failed') return [`quality failed: ${event.checks}, ${event.mend} runs again`];
    return [];
  });
  return [...lines.slice(0, 1), ...lines.slice(4)];
}
