import { beforeAll, expect, test } from 'vitest';
import { killAt } from '../support/kill-cell.ts';
import { expectNothingLost, type KillOutcome } from '../support/kill-outcome.ts';

const POINTS = ['unrecorded', 'untold'] as const;
let outcome: KillOutcome;

beforeAll(async () => {
  outcome = await killAt('speech', POINTS);
}, 600_000);

test('a topic becomes a footage video by paid services', () => {
  const { view, costs, operations } = outcome;
  expect(view).toMatchObject({ status: 'completed', providers: { footage: 'pexels' } });
  expect(view.providers['llm']).toContain('gpt-4o-mini');
  expect(operations.speech.calls.length).toBeGreaterThan(2);
  const services = ['openai', 'tts', 'media_api', 'cpu_compute', 'storage'];
  expect(new Set(Object.keys(costs.breakdown))).toEqual(new Set(services));
});

test('the worker, killed -9 before and after the row of a paid answer, asks for nothing finished again and is billed never too low', () => {
  expectNothingLost(outcome, 'speech', POINTS);
});
