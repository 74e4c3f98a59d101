import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOwned, readLock, type StackLock } from '../infra/embedded/lock-file.ts';
import { lastLines } from '../infra/embedded/service.ts';
import { builtCode, OWNED_ELSEWHERE, supervisorFile } from '../infra/embedded/stack-process.ts';
import { becomes } from '../infra/embedded/wait.ts';
import { childEnvironment, settingsMark } from '../infra/settings/env.ts';
import { checkSettings } from './check-settings.ts';
import { CliError, EXIT } from './client/cli-error.ts';
import { stopStack } from './stop-stack.ts';

const START_MS = 120_000;
const HEALTH_MS = 2_000;

export interface RunningStack {
  api: string;
  temporalUi: string | null;
  /** True when this call started it. */
  started: boolean;
}

/**
 * The stack of this data folder: joined when it runs, else started as a detached supervisor, with a line on
 * standard error for each service that becomes ready. When it can't start, the last log lines are printed and an
 * Error of one line is thrown.
 */
export async function startOrJoin(dataDir: string): Promise<RunningStack> {
  const joined = await joinRunning(dataDir);
  if (joined) return joined;
  checkSettings();
  const from = performance.now();
  const running = readLock(dataDir);
  const supervisor = running && isOwned(running) ? null : spawnSupervisor(dataDir);
  say(supervisor ? 'stack: starting' : 'stack: waiting for the one that is starting');
  const lock = await waitUntilReady(dataDir, supervisor);
  say(`stack: ready in ${seconds(performance.now() - from)}`);
  return lock;
}

/** {@link startOrJoin} for a command that asks again when the API is gone: a stack that was stopped stays stopped. */
export function stackOf(dataDir: string): () => Promise<RunningStack> {
  let joined = false;
  return async () => {
    if (joined) requireNotStopped(dataDir);
    const stack = await startOrJoin(dataDir);
    joined = true;
    return stack;
  };
}

/** Only an ordered stop takes its lock away; a crash leaves it. Throws a CliError (exit code 3) after a stop. */
export function requireNotStopped(dataDir: string): void {
  if (readLock(dataDir) !== null) return;
  throw new CliError(
    EXIT.operator,
    'the stack was stopped; what it was making goes on with the next "npm run video" or "npm run up"',
  );
}

/** A stack that runs older code or settings is joined while it works on videos, and stopped otherwise. */
async function joinRunning(dataDir: string): Promise<RunningStack | null> {
  const lock = readLock(dataDir);
  if (!lock?.api || !isOwned(lock)) return null;
  const health = await readHealth(lock.api);
  if (!health) return null;
  const older = olderParts(lock);
  if (!older) return toStack(lock, lock.api, false);
  if (health.open_videos !== 0) {
    say(`stack: it runs with ${older} and is at work; "npm run stack -- stop" ends it`);
    return toStack(lock, lock.api, false);
  }
  say(`stack: it runs with ${older}; starting it again`);
  await stopStack(dataDir);
  return null;
}

/** A key that was put into .env meanwhile must not stay without effect. */
function olderParts(lock: StackLock): string | null {
  if (lock.build !== builtCode()) return 'older code';
  return lock.settings === settingsMark() ? null : 'other settings than those of now';
}

interface Health {
  open_videos: number | null;
}

async function readHealth(api: string): Promise<Health | null> {
  try {
    const answer = await fetch(`${api}/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
    return answer.ok ? ((await answer.json()) as Health) : null;
  } catch {
    return null;
  }
}

export async function isHealthy(api: string): Promise<boolean> {
  return (await readHealth(api)) !== null;
}

function spawnSupervisor(dataDir: string): ChildProcess {
  const log = openSupervisorLog(dataDir);
  const child = spawn(process.execPath, ['--enable-source-maps', supervisorFile], {
    env: { ...childEnvironment, DATA_DIR: dataDir },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  return child;
}

function openSupervisorLog(dataDir: string): number {
  try {
    mkdirSync(dirname(logOf(dataDir)), { recursive: true });
    return openSync(logOf(dataDir), 'a', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`The data folder ${dataDir} can't be written (${code}): set DATA_DIR to one that can.`);
  }
}

async function waitUntilReady(dataDir: string, supervisor: ChildProcess | null): Promise<RunningStack> {
  const told = new Set<string>();
  let stack: RunningStack | null = null;
  const settled = await becomes(async () => {
    const lock = readLock(dataDir);
    if (lock) tellReady(lock, told);
    if (lock?.api && isOwned(lock) && (await isHealthy(lock.api)))
      stack = toStack(lock, lock.api, lock.pid === supervisor?.pid);
    return stack !== null || hasFailed(dataDir, supervisor);
  }, START_MS);
  if (stack) return stack;
  const what = settled ? 'ended before it was ready' : `is not ready after ${START_MS / 1000} s`;
  say(lastLines(logOf(dataDir)));
  throw new Error(`The stack ${what}; the last lines of ${logOf(dataDir)} are above.`);
}

/** Another that was started at the same moment may own the folder: then that one is waited for. */
function hasFailed(dataDir: string, supervisor: ChildProcess | null): boolean {
  if (supervisor && supervisor.exitCode === null && supervisor.signalCode === null) return false;
  const lock = readLock(dataDir);
  if (lock && isOwned(lock)) return false;
  return supervisor?.exitCode !== OWNED_ELSEWHERE || lock === null;
}

function tellReady(lock: StackLock, told: Set<string>): void {
  for (const [name, { ready_ms }] of Object.entries(lock.services)) {
    if (ready_ms === null || told.has(name)) continue;
    told.add(name);
    say(`  ${name}: ready in ${seconds(ready_ms)}`);
  }
}

function toStack(lock: StackLock, api: string, started: boolean): RunningStack {
  return { api, temporalUi: lock.temporal_ui, started };
}

function logOf(dataDir: string): string {
  return join(dataDir, 'logs', 'supervisor.log');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
