import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overallProgress } from '../../../domain/progress.ts';
import { STAGE_NAMES } from '../../../domain/stages.ts';

test('no stage is 0 percent, all stages are 100', () => {
  expect(overallProgress([])).toBe(0);
  expect(overallProgress(STAGE_NAMES)).toBe(100);
  expect(overallProgress([], Object.fromEntries(STAGE_NAMES.map((name) => [name, 1])))).toBe(100);
});

test('progress stays between what is done and what would be done', () => {
  fc.assert(
    fc.property(
      fc.subarray([...STAGE_NAMES]),
      fc.constantFrom(...STAGE_NAMES),
      fc.double({ min: -1, max: 2, noNaN: true }),
      (done, running, share) => {
        const now = overallProgress(done, { [running]: share });
        expect(now).toBeGreaterThanOrEqual(overallProgress(done));
        expect(now).toBeLessThanOrEqual(overallProgress([...new Set([...done, running])]));
      },
    ),
  );
});
