import { expect, test } from 'vitest';
import { scoreOf, temporalPriority } from '../../../domain/score.ts';

const now = 1_800_000_000;
const HOUR = 3600;

test('priority leads, premium is half a level, and 27.8 hours of waiting are worth a level', () => {
  expect(scoreOf(6, 'simple', now)).toBeGreaterThan(scoreOf(5, 'premium', now));
  expect(scoreOf(5, 'premium', now)).toBeGreaterThan(scoreOf(5, 'complex', now));
  expect(scoreOf(5, 'simple', now)).toBe(scoreOf(5, 'complex', now));
  expect(scoreOf(5, 'simple', now - 28 * HOUR)).toBeGreaterThan(scoreOf(6, 'simple', now));
  expect(scoreOf(5, 'simple', now - 27 * HOUR)).toBeLessThan(scoreOf(6, 'simple', now));
});

test('of two alike the older one goes first', () => {
  expect(scoreOf(5, 'simple', now - 0.001)).toBeGreaterThan(scoreOf(5, 'simple', now));
});

test('our highest priority is the first of Temporal', () => {
  expect([1, 5, 10].map(temporalPriority)).toEqual([10, 6, 1]);
});
