import { expect, test } from 'vitest';
import { checkText, judgeCheck, redoneFrom, rejectionOf } from '../../../domain/quality.ts';
import type { QualityCheck } from '../../../domain/results.ts';

const result = (...checks: QualityCheck[]) => ({ score: 1, checks });

test('bounds hold at their edge and not beyond it', () => {
  const ok = (...args: Parameters<typeof judgeCheck>) => judgeCheck(...args).ok;
  expect([ok('loudness', -15), ok('loudness', -15.1)]).toEqual([true, false]);
  expect([ok('true_peak', -1.1), ok('true_peak', -1)]).toEqual([true, false]);
  expect([ok('silence', 3), ok('silence', 3.001)]).toEqual([true, false]);
  expect([ok('file_size', 1), ok('file_size', 0)]).toEqual([true, false]);
  expect([ok('video_duration', 12.1, 12), ok('video_duration', 12.2, 12)]).toEqual([true, false]);
  expect([ok('frames', 360, 360), ok('frames', 359, 360)]).toEqual([true, false]);
});

test('a value that is no number fails its bound and is still a line', () => {
  const silent = judgeCheck('loudness', Number.NEGATIVE_INFINITY);
  expect(silent.ok).toBe(false);
  expect(checkText(silent)).toBe('loudness -Infinity LUFS (bound -14 ± 1)');
  expect(judgeCheck('video_duration', Number.NaN, 12).ok).toBe(false);
});

test('only hard checks reject a video', () => {
  expect(rejectionOf(result(judgeCheck('frozen', 9), judgeCheck('loudness', -14)))).toBeNull();
  expect(rejectionOf(result(judgeCheck('black', 2)))).toEqual({
    checks: 'black 2 s (bound ≤ 0.5)',
    mend: 'video_rendering',
  });
});

test('of several stages the earliest runs again, and none when one check cannot be mended', () => {
  const black = judgeCheck('black', 2);
  const silence = judgeCheck('silence', 4);
  const width = judgeCheck('caption_width', 1);
  expect(rejectionOf(result(black, silence))?.mend).toBe('audio_synthesis');
  expect(rejectionOf(result(black, width))?.mend).toBeNull();
  expect(rejectionOf(result({ ...black, name: 'unknown' }))?.mend).toBeNull();
});

test('what is made from a stage runs again with it', () => {
  expect(redoneFrom('audio_synthesis')).toEqual([
    'audio_synthesis',
    'video_rendering',
    'quality_validation',
    'upload_preparation',
  ]);
  expect(redoneFrom('video_rendering')[0]).toBe('video_rendering');
});
