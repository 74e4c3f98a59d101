import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowAfter, rowOf } from '../../../api/page/video-row.ts';
import type { PipelineEvent } from '../../../domain/events.ts';
import { STAGE_NAMES } from '../../../domain/stages.ts';
import { aLine, anEvent } from './samples.ts';

test('a line of the list says which stages are done, and what is left of the progress is the running one', () => {
  const { stages } = rowOf(
    aLine({
      progress: 55,
      stages: {
        script_generation: 'done',
        audio_synthesis: 'done',
        media_collection: 'done',
        video_rendering: 'running',
      },
    }),
  );
  expect(stages.media_collection).toEqual({ state: 'done', percent: 100 });
  expect(stages.video_rendering).toEqual({ state: 'running', percent: 50 });
  expect(stages.upload_preparation).toEqual({ state: 'waiting', percent: 0 });
});

test('a completed video whose results were removed shows all of its stages done', () => {
  const { stages } = rowOf(aLine({ status: 'completed', progress: 100, stages: {} }));
  expect(Object.values(stages).every(({ state }) => state === 'done')).toBe(true);
});

test('a failed video shows the stage that failed', () => {
  expect(rowOf(aLine({ status: 'failed', stage: 'video_rendering' })).stages.video_rendering.state).toBe(
    'failed',
  );
});

test('the events of a video fill its stages and end it', () => {
  const events: PipelineEvent[] = [
    anEvent('video.admitted', { lane: 'gpu', admission_no: 1 }),
    anEvent('stage.started', { stage: 'script_generation', attempt: 1, progress: 0 }),
    anEvent('stage.progress', { stage: 'script_generation', percent: 40, progress: 2 }),
    anEvent('cost.charged', { service: 'openai', operation: 'script', amount: 0.2, total: 0.2 }),
  ];
  const row = events.reduce(rowAfter, rowOf(aLine({})));
  expect(row).toMatchObject({
    status: 'processing',
    lane: 'gpu',
    position: null,
    progress: 2,
    actual_cost: 0.2,
  });
  expect(row.stages.script_generation).toEqual({ state: 'running', percent: 40 });
  const failed = rowAfter(
    row,
    anEvent('video.failed', { reason: 'quality', stage: 'script_generation', message: 'x', cost: 0.3 }),
  );
  expect(failed).toMatchObject({ status: 'failed', reason: 'quality', actual_cost: 0.3, eta: null });
  expect(failed.stages.script_generation.state).toBe('failed');
  const done = rowAfter(row, anEvent('video.completed', { cost: 1, title: 't', duration_ms: 1 }));
  expect(done).toMatchObject({ status: 'completed', progress: 100 });
});

test('a charge that is told late does not take money back', () => {
  const row = rowOf(aLine({ actual_cost: 1 }));
  expect(
    rowAfter(row, anEvent('cost.charged', { service: 's', operation: 'o', amount: 0.1, total: 0.5 }))
      .actual_cost,
  ).toBe(1);
});

test('a mend makes its stage and the later ones again', () => {
  const row = rowAfter(
    rowOf(aLine({ status: 'completed' })),
    anEvent('quality.failed', { checks: 'x', mend: 'video_rendering' }),
  );
  expect(STAGE_NAMES.map((name) => row.stages[name].state)).toEqual([
    'done',
    'done',
    'done',
    'waiting',
    'waiting',
    'waiting',
  ]);
});

test('whatever events come in whatever order, a row stays one that can be drawn, and a repeated one changes nothing', () => {
  const stage = fc.constantFrom(...STAGE_NAMES);
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  const event = fc.oneof(
    fc.record({ stage, progress: percent }).map((f) => anEvent('stage.started', { ...f, attempt: 1 })),
    fc.record({ stage, percent, progress: percent }).map((f) => anEvent('stage.progress', f)),
    fc
      .record({ stage, progress: percent })
      .map((f) =>
        anEvent('stage.completed', { ...f, duration_ms: 1, cost: 0, reused: false, providers: {} }),
      ),
    stage.map((name) =>
      anEvent('stage.failed', { stage: name, attempt: 1, kind: 'timeout', message: 'm', next: 'n' }),
    ),
    fc.constant(anEvent('video.released', { reason: 'paused' })),
    fc.constant(anEvent('video.cancelled', { reason: 'operator_cancel', stage: null, cost: 0.1 })),
    fc.constant(anEvent('video.queued', { position: 3, estimated_cost: 2 })),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const row = events.reduce(rowAfter, rowOf(aLine({})));
      expect(Object.keys(row.stages)).toEqual([...STAGE_NAMES]);
      for (const { percent: shown } of Object.values(row.stages))
        expect(shown >= 0 && shown <= 100).toBe(true);
      const last = events.at(-1);
      if (last) expect(rowAfter(row, last)).toEqual(row);
    }),
  );
});
