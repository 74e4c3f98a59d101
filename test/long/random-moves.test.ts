import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

const LIMIT_MS = 300_000;

test('four hundred random moves, another story at each run, lose no video, no place and no money', {
  timeout: LIMIT_MS + 10_000,
}, async () => {
  const seed = process.env['MOVES_SEED'] ?? String(Date.now() % 1_000_000_000);
  process.stdout.write(`seed ${seed}: MOVES_SEED=${seed} repeats these moves\n`);
  const args = ['test', '--project', 'flow', 'test/flow/random-moves.test.ts'];
  const run = await execa(process.execPath, [join(projectRoot, 'infra', 'bootstrap.mjs'), ...args], {
    cwd: projectRoot,
    env: { MOVES_SEED: seed, MOVES_COUNT: process.env['MOVES_COUNT'] ?? '400' },
    all: true,
    reject: false,
    timeout: LIMIT_MS,
  });
  expect(run.exitCode, run.all).toBe(0);
});
