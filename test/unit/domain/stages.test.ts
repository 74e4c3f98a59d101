import { expect, test } from 'vitest';
import { nextStages, QUEUES, queueOf, STAGE_NAMES, STAGES, startToCloseMs } from '../../../domain/stages.ts';

test('the stage table is the one that was promised', () => {
  const table = STAGE_NAMES.map((name) => {
    const { queue, limitMs, retries, estimate } = STAGES[name];
    return [name, queue, limitMs / 1000, retries, estimate / 1_000_000];
  });
  expect(table).toEqual([
    ['script_generation', 'io', 60, 2, 0.4],
    ['audio_synthesis', 'lane', 120, 2, 0.2],
    ['media_collection', 'io', 180, 3, 0.1],
    ['video_rendering', 'lane', 300, 1, 0.3],
    ['quality_validation', 'lane', 30, 1, 0.05],
    ['upload_preparation', 'io', 120, 2, 0.1],
  ]);
});

test('every stage of each lane has a queue that exists', () => {
  for (const name of STAGE_NAMES) {
    expect(STAGES[name].name).toBe(name);
    for (const lane of ['gpu', 'cpu'] as const) expect(QUEUES).toContain(queueOf(STAGES[name], lane));
  }
  expect(queueOf(STAGES.video_rendering, 'gpu')).toBe('gpu');
  expect(queueOf(STAGES.script_generation, 'gpu')).toBe('io');
});

test('the server gives a stage more time than the stage gives itself, most of it where graphics memory is awaited', () => {
  expect(startToCloseMs(STAGES.video_rendering, 'gpu')).toBe(900_000);
  expect(startToCloseMs(STAGES.video_rendering, 'cpu')).toBe(310_000);
  expect(startToCloseMs(STAGES.script_generation, 'gpu')).toBe(70_000);
});

test('what runs next is the first stage without a result, and with audio or media the other one if that has none either', () => {
  expect(nextStages([])).toEqual(['script_generation']);
  expect(nextStages(['script_generation'])).toEqual(['audio_synthesis', 'media_collection']);
  expect(nextStages(['script_generation', 'audio_synthesis'])).toEqual(['media_collection']);
  expect(nextStages(STAGE_NAMES.slice(0, 3))).toEqual(['video_rendering']);
  expect(nextStages(STAGE_NAMES)).toEqual([]);
});
