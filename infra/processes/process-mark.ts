import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { startOf } from './process-start.ts';

/** Stands where the start of a process cannot be read: such a process is never taken for dead. */
const UNKNOWN = 'unknown';

/**
 * Name of this process for what ends with it: the machine and host that it runs on, its number and its start, fit for
 * any path.
 */
export async function processMark(machineId: string, host = hostname()): Promise<string> {
  return [hostOf(machineId, host), process.pid, await startedAt(process.pid)].join('-');
}

/**
 * True for the mark of a process of this machine that is gone. Those of another machine are not known here, nor those
 * of another container of this one: it numbers its own, under a host name of its own, which outlives its restart.
 */
export async function isLeftBehind(mark: string, machineId: string): Promise<boolean> {
  const [host, pid, started] = mark.split('-');
  if (host !== hostOf(machineId, hostname()) || started === undefined || started === UNKNOWN) return false;
  return (await startedAt(Number(pid))) !== started;
}

async function startedAt(pid: number): Promise<string> {
  return (await startOf(pid))?.replace(/\W/g, '') || UNKNOWN;
}

/** Names may hold anything but a NUL. */
function hostOf(machineId: string, host: string): string {
  return createHash('sha256').update(`${machineId}\0${host}`).digest('hex').slice(0, 12);
}
