import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StackLock } from '../../infra/embedded/lock-file.ts';
import { isOwned } from '../../infra/embedded/lock-file.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import { createNewcomer, type Newcomer } from './newcomer.ts';

const START_MS = 180_000;

let newcomer: Newcomer;

beforeAll(() => {
  newcomer = createNewcomer();
});

afterAll(() => newcomer.leave(), 120_000);

function lockOfClone(): StackLock {
  return JSON.parse(readFileSync(join(newcomer.clone, '.data', 'lock.json'), 'utf8'));
}

function videosIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.mp4')).map((file) => join(folder, file));
}

async function completedVideos(lock: StackLock): Promise<number> {
  const client = new pg.Client({ connectionString: lock.postgres ?? '' });
  await client.connect();
  try {
    const { rows } = await client.query(`SELECT 1 FROM video_queue WHERE status = 'completed'`);
    return rows.length;
  } finally {
    await client.end();
  }
}

test('the first command of the README makes a video on a clean clone and says what it set up', async () => {
  const { code, output } = await newcomer.run('npm', [
    'run',
    'video',
    '--',
    '--article',
    'examples/deep-sea.md',
  ]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/npm ci\): done in [\d.]+ s/);
  const [video, ...others] = videosIn(join(newcomer.clone, 'out'));
  expect(others).toEqual([]);
  expect(statSync(video ?? '').size).toBeGreaterThan(1_000_000);
});

test('after kill -9 of the supervisor and of Postgres the next start has the video still', async () => {
  const killed = lockOfClone();
  process.kill(killed.pid, 'SIGKILL');
  process.kill(killed.services['postgres']?.pid ?? 0, 'SIGKILL');
  const up = newcomer.start('node', ['infra/bootstrap.mjs', 'up']);
  const isBack = () => {
    const lock = lockOfClone();
    return lock.pid !== killed.pid && isOwned(lock) && lock.api !== null;
  };
  expect(await becomes(isBack, START_MS)).toBe(true);
  expect(await completedVideos(lockOfClone())).toBe(1);
  const ended = new Promise((resolve) => up.on('exit', resolve));
  up.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('the second command of the README passes on a clean clone', async () => {
  const projects = ['--project', 'unit', '--project', 'io'];
  const { code, output } = await newcomer.run('npm', ['test', '--', ...projects]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^\d+ passed, 0 failed$/m);
}, 1_800_000);
