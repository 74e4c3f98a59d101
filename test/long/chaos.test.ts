import { expect, test } from 'vitest';
import { runChaos } from '../chaos/run.ts';

const LIMIT_MS = 20 * 60_000;

test('twelve videos survive thirty kills of whatever the stack runs', { timeout: 26 * 60_000 }, async () => {
  const seed = process.env['CHAOS_SEED'] ?? String(Date.now());
  process.stdout.write(`seed ${seed}: CHAOS_SEED=${seed} repeats this run\n`);
  const options = { seed, videos: 12, kills: 30, seconds: 20, limitMs: LIMIT_MS };
  const { checks } = await runChaos(options);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks).toHaveLength(8);
});
