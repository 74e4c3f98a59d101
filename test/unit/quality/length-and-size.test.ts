import { expect, test } from 'vitest';
import { containerChecks } from '../../../activities/quality/checks.ts';
import { lengthCheck } from '../../../activities/quality/length-check.ts';

test.each([
  ['a narration of the ordered length', 60_000, { value: 0, ok: true }],
  ['one a tenth too long', 66_000, { value: 10, ok: true }],
  ['one a tenth too short', 54_000, { value: 10, ok: true }],
  ['one that is longer still', 66_100, { value: 10.167, ok: false }],
  ['one of half the length', 30_000, { value: 50, ok: false }],
])('%s is measured in percent of 60 s, and is a warning at most', (_, durationMs, expected) => {
  for (const source of ['llm', 'article', 'outline'] as const) {
    expect(lengthCheck(60, { source }, { durationMs })).toEqual([
      { name: 'ordered_length', bound: '≤ 10', hard: false, ...expected },
    ]);
  }
});

test('a script of the order is as long as it is', () => {
  expect(lengthCheck(60, { source: 'script' }, { durationMs: 5_000 })).toEqual([]);
});

test.each([
  [0, false],
  [1, true],
  [2_000_000_000, true],
  [2_000_000_001, false],
])('a file of %d bytes', (bytes, ok) => {
  const facts = { video: undefined, audio: undefined, bytes, boxes: [] };
  const checks = containerChecks(facts, { width: 1080, height: 1080, durationMs: 60_000, frames: 1800 });
  expect(checks.find(({ name }) => name === 'file_size')).toMatchObject({ value: bytes, ok, hard: true });
});
