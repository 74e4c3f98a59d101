import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  criticalAt,
  DEFAULT_CAP,
  fits,
  laterOf,
  levelOf,
  MIN_CAP,
  warningAt,
} from '../../../domain/budget.ts';

test.each([
  [0, 'ok'],
  [2_499_999, 'ok'],
  [2_500_000, 'warning'],
  [2_799_999, 'warning'],
  [2_800_000, 'critical'],
  [2_999_999, 'critical'],
  [3_000_000, 'exceeded'],
  [9_000_000, 'exceeded'],
])('under the default cap a total of %i is %s', (total, level) => {
  expect(levelOf(total, DEFAULT_CAP)).toBe(level);
});

test('under any cap the marks are in order, and the level only rises with the total', () => {
  const levels = ['ok', 'warning', 'critical', 'exceeded'];
  fc.assert(
    fc.property(
      fc.integer({ min: MIN_CAP, max: DEFAULT_CAP }),
      fc.integer({ min: 0, max: 4_000_000 }),
      fc.integer({ min: 0, max: 100_000 }),
      (cap, total, more) => {
        expect(warningAt(cap)).toBeLessThan(criticalAt(cap));
        expect(criticalAt(cap)).toBeLessThan(cap);
        expect(levels.indexOf(levelOf(total + more, cap))).toBeGreaterThanOrEqual(
          levels.indexOf(levelOf(total, cap)),
        );
      },
    ),
  );
});

test('stages fit when their estimates do, and those that run side by side are asked together', () => {
  expect(fits(2_600_000, DEFAULT_CAP, ['script_generation'])).toBe(true);
  expect(fits(2_600_001, DEFAULT_CAP, ['script_generation'])).toBe(false);
  expect(fits(2_750_000, DEFAULT_CAP, ['audio_synthesis'])).toBe(true);
  expect(fits(2_750_000, DEFAULT_CAP, ['audio_synthesis', 'media_collection'])).toBe(false);
  expect(fits(DEFAULT_CAP, DEFAULT_CAP, [])).toBe(true);
});

test('of two states of a ledger the one with more charges is the later', () => {
  const early = { total: 5, seq: 1 };
  const late = { total: 9, seq: 2 };
  expect(laterOf(early, late)).toBe(late);
  expect(laterOf(late, early)).toBe(late);
});
