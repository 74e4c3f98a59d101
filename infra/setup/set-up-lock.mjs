import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './report.mjs';

/** Time that a set-up gets to write its pid into the lock that it took. */
const GRACE_MS = 5_000;

/** Runs `work` while no other process holds the folder `lock`; a dead holder's lock is taken over. */
export async function holding(lock, work) {
  mkdirSync(dirname(lock), { recursive: true });
  let told = false;
  while (!take(lock)) {
    if (!told) say(`  waiting for another set-up that holds ${lock}`);
    told = true;
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function take(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAbandoned(lock)) return false;
    discard(lock);
    return take(lock);
  }
}

function isAbandoned(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return Date.now() - statSync(lock).mtimeMs > GRACE_MS;
  } catch {
    const held = statSync(lock, { throwIfNoEntry: false });
    return held !== undefined && Date.now() - held.mtimeMs > GRACE_MS;
  }
}

/** By rename, so that of two waiting processes only one discards it. */
function discard(lock) {
  const away = `${lock}.abandoned-${process.pid}`;
  try {
    renameSync(lock, away);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  rmSync(away, { recursive: true, force: true });
}

/** True when a process of that number runs, whoever owns it. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
