import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimLock, readLock, type StackLock, writeLock } from '../../../infra/embedded/lock-file.ts';
import { reapOrphans } from '../../../infra/embedded/orphans.ts';
import { freePort } from '../../../infra/embedded/ports.ts';

let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'ytempire-owner-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** A process that says when it runs and ends only when told to; `mark` is on its command line. */
async function sleeper(mark: string): Promise<{ child: ChildProcess; pid: number }> {
  const script =
    "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6); console.log('up')";
  const child = spawn(process.execPath, ['-e', script, mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { child, pid: child.pid ?? 0 };
}

function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

function lockOf(pid: number, mark: string): StackLock {
  const services = { redis: { pid: 1, mark: 'nothing like it', port: 7379, ready_ms: 5 } };
  return {
    pid,
    mark,
    build: '',
    settings: '',
    api: 'http://x',
    temporal: null,
    temporal_ui: null,
    postgres: null,
    redis: null,
    services,
  };
}

test('a lock that names a dead owner is taken over with its services still listed', () => {
  writeLock(dataDir, lockOf(deadPid(), 'gone'));
  const lock = claimLock(dataDir, 'me');
  expect(lock).toMatchObject({ pid: process.pid, mark: 'me', api: null });
  expect(Object.keys(readLock(dataDir)?.services ?? {})).toEqual(['redis']);
});

test('a lock whose owner lives is left alone', async () => {
  const { pid } = await sleeper('owner-of-the-folder');
  writeLock(dataDir, lockOf(pid, 'owner-of-the-folder'));
  expect(claimLock(dataDir, 'me')).toBeNull();
  expect(readLock(dataDir)?.pid).toBe(pid);
});

test("a process that got a dead owner's number does not own the folder", async () => {
  const { pid } = await sleeper('someone-else');
  writeLock(dataDir, lockOf(pid, 'owner-of-the-folder'));
  expect(claimLock(dataDir, 'me')?.pid).toBe(process.pid);
});

test('only its owner can read the lock, which holds passwords', () => {
  claimLock(dataDir, 'me');
  expect(statSync(join(dataDir, 'lock.json')).mode & 0o777).toBe(0o600);
});

test('half a lock file counts as none', () => {
  writeLock(dataDir, lockOf(deadPid(), 'gone'));
  truncateSync(join(dataDir, 'lock.json'), 10);
  expect(claimLock(dataDir, 'me')?.services).toEqual({});
});

test('a service that a killed owner left is ended', async () => {
  const { child, pid } = await sleeper('left-service');
  const ended = once(child, 'exit');
  expect(await reapOrphans({ redis: { pid, mark: 'left-service', port: null, ready_ms: 1 } })).toEqual([
    'redis',
  ]);
  await ended;
});

test('a process whose command line lacks the mark is not touched', async () => {
  const { child, pid } = await sleeper('an innocent bystander');
  expect(await reapOrphans({ redis: { pid, mark: 'left-service', port: null, ready_ms: 1 } })).toEqual([]);
  expect(child.exitCode).toBeNull();
});

test('a busy port is replaced by a free one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await freePort(port)).not.toBe(port);
  server.close();
  await once(server, 'close');
  await expect.poll(() => freePort(port)).toBe(port);
});
