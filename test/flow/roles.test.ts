import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../infra/embedded/ports.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { childEnvironment } from '../../infra/settings/env.ts';
import { FakeCard } from '../support/fakes/graphics-card.ts';
import { environmentOf } from '../support/process-environment.ts';
import { createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { eventually } from '../support/test-pipeline.ts';

let deps: TestDeps;
const started: ChildProcess[] = [];
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await deps.close();
});

/** `npm run <role>` without npm, as an operator's own servers are given to it. */
function start(args: string[], env: Record<string, string> = {}) {
  const bootstrap = join(projectRoot, 'infra', 'bootstrap.mjs');
  const child = spawn(process.execPath, [bootstrap, ...args], {
    env: { ...childEnvironment, ...environmentOf(deps), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'exit').then(([code]) => ({ code, said }));
  return { child, ended };
}

async function holders(): Promise<{ lane: string; pid: number }[]> {
  const { rows } = await deps.pool.query(
    'SELECT lane, pid FROM lane_workers WHERE lease_until > clock_timestamp() ORDER BY lane',
  );
  return rows;
}

test.each(['worker', 'api'])(
  '%s without servers of the operator names what is missing, and starts nothing',
  async (role) => {
    const { ended } = start([role], { REDIS_URL: '', TEMPORAL_ADDRESS: '' });
    const { code, said } = await ended;
    expect(code).toBe(1);
    expect(said).toContain('set REDIS_URL, TEMPORAL_ADDRESS');
    expect(said).not.toContain('DATABASE_URL');
  },
);

test('a worker that starts again after kill -9 has its lanes back at once, long before the old lease is over', async () => {
  const lease = { LEASE_MS: '600000' };
  const first = start(['worker', '--lanes', 'gpu,cpu'], lease);
  await eventually(holders, (rows) => rows.length === 2);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start(['worker', '--lanes', 'gpu,cpu'], lease);
  const rows = await eventually(holders, (found) => found.every(({ pid }) => pid === second.child.pid));
  expect(rows.map(({ lane }) => lane)).toEqual(['cpu', 'gpu']);

  const third = start(['worker', '--lanes', 'cpu'], lease);
  expect((await third.ended).code).toBe(1);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
  expect(await holders()).toEqual([]);
});

test('a worker ends by SIGTERM, though a program hangs in the driver of the graphics card', async () => {
  const card = new FakeCard(childEnvironment['FFMPEG_PATH'] ?? 'ffmpeg');
  card.hang();
  const tools = { FFMPEG_PATH: card.ffmpeg, NVIDIA_SMI_PATH: card.nvidiaSmi };
  const { child, ended } = start(['worker', '--lanes', 'gpu'], tools);
  try {
    await eventually(holders, (rows) => rows.length === 1, 100_000);
    expect(card.hangers()).toBe(1);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  } finally {
    card.remove();
  }
});

test('an API started by its command answers, and ends by SIGTERM', async () => {
  const port = String(await freePort(0));
  const { child, ended } = start(['api'], { API_PORT: port });
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        (answer) => answer.status,
        () => 0,
      ),
    (status) => status === 200,
  );
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});
