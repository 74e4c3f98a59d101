import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsMark } from '../settings/env.ts';
import { runsAs } from './process-identity.ts';

export interface ServiceEntry {
  pid: number;
  /** Part of the command line that proves that the process is still this service. */
  mark: string;
  port: number | null;
  /** Milliseconds from start to readiness; null until it is ready. */
  ready_ms: number | null;
}

/** DATA_DIR/lock.json: who owns the data folder and what runs. URLs hold passwords, so the file is 0600. */
export interface StackLock {
  pid: number;
  mark: string;
  /** Hash of the code that runs. */
  build: string;
  /** Hash of the settings that it was started with. */
  settings: string;
  api: string | null;
  temporal: string | null;
  temporal_ui: string | null;
  postgres: string | null;
  redis: string | null;
  services: Record<string, ServiceEntry>;
}

/** The lock of a data folder, or null when there is none. */
export function readLock(dataDir: string): StackLock | null {
  return parseLock(lockPath(dataDir));
}

export function isOwned(lock: StackLock): boolean {
  return runsAs(lock.pid, lock.mark);
}

/**
 * Makes this process the owner of the data folder; null when a living process owns it. The services of a
 * dead owner stay listed in the new lock: they are to be reaped.
 */
export function claimLock(dataDir: string, mark: string, build = ''): StackLock | null {
  mkdirSync(dataDir, { recursive: true });
  const earlier = readLock(dataDir);
  if (earlier && isOwned(earlier)) return null;
  if (!discard(dataDir)) return null;
  const lock: StackLock = {
    pid: process.pid,
    mark,
    build,
    settings: settingsMark(),
    api: null,
    temporal: null,
    temporal_ui: null,
    postgres: null,
    redis: null,
    services: earlier?.services ?? {},
  };
  return create(dataDir, lock) ? lock : null;
}

/** Replaces the lock in one step, so that a reader never sees half of it. */
export function writeLock(dataDir: string, lock: StackLock): void {
  const draft = `${lockPath(dataDir)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(lock, null, 2), { mode: 0o600 });
  renameSync(draft, lockPath(dataDir));
}

export function releaseLock(dataDir: string): void {
  rmSync(lockPath(dataDir), { force: true });
}

function lockPath(dataDir: string): string {
  return join(dataDir, 'lock.json');
}

function parseLock(path: string): StackLock | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function create(dataDir: string, lock: StackLock): boolean {
  const draft = `${lockPath(dataDir)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(lock, null, 2), { mode: 0o600 });
  try {
    linkSync(draft, lockPath(dataDir));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Takes a dead owner's lock away. When two processes do so at once, the second may hold the new owner's
 * lock in its hands: it puts it back and answers false.
 */
function discard(dataDir: string): boolean {
  const away = `${lockPath(dataDir)}.dead-${process.pid}`;
  try {
    renameSync(lockPath(dataDir), away);
  } catch {
    return true;
  }
  const taken = parseLock(away);
  const isOthers = taken !== null && isOwned(taken);
  if (isOthers) linkSync(away, lockPath(dataDir));
  rmSync(away, { force: true });
  return !isOthers;
}
