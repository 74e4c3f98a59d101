import { expect, test } from 'vitest';
import { ERROR_KINDS, type KindSpec, SEVERITIES, StageError } from '../../../domain/errors.ts';

const kinds = Object.entries(ERROR_KINDS) as [string, KindSpec][];

test('every kind has a severity of the list, and every severity but low has a kind', () => {
  const used = new Set(kinds.map(([, spec]) => spec.severity));
  expect([...used].every((severity) => SEVERITIES.includes(severity))).toBe(true);
  // A low problem is a warning of the video and never an error.
  expect(SEVERITIES.filter((severity) => !used.has(severity))).toEqual(['low']);
});

test('how a severity is retried is the same for all of its kinds', () => {
  const retry = { critical: 'never', high: 'counts', medium: 'counts', infrastructure: 'free', bug: 'never' };
  for (const [kind, spec] of kinds) {
    // No call was made, so there is nothing to count and nothing to end.
    const expected = ['provider_closed', 'gpu_lost'].includes(kind)
      ? 'releases'
      : retry[spec.severity as keyof typeof retry];
    expect(spec.retry, kind).toBe(expected);
  }
});

test('waits grow to five minutes for high errors and are steady for the rest', () => {
  const waits = [0, 1, 2, 3, 4, 5, 9].map((n) => ERROR_KINDS.timeout.backoffMs(n) / 1000);
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
  expect(ERROR_KINDS.invalid_response.backoffMs()).toBe(5_000);
  expect(ERROR_KINDS.infrastructure.backoffMs()).toBe(5_000);
});

test('a stage error keeps its kind, its cause and the wait that a provider asked for', () => {
  const cause = new Error('socket hang up');
  const error = new StageError('rate_limited', 'too many requests', { cause, retryAfterMs: 7_000 });
  expect(error).toMatchObject({ name: 'StageError', kind: 'rate_limited', cause, retryAfterMs: 7_000 });
  expect(new StageError('bug', 'x')).not.toHaveProperty('cause');
});
