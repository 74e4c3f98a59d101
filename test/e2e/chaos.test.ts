import { expect, test } from 'vitest';
import { runChaos } from '../chaos/run.ts';

test('three videos survive twelve kills of whatever the stack runs', { timeout: 300_000 }, async () => {
  const seed = process.env['CHAOS_SEED'] ?? 'gate';
  const options = { seed, videos: 3, kills: 12, seconds: 15, limitMs: 240_000 };
  const { checks } = await runChaos(options);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks).toHaveLength(8);
});
