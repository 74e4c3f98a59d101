import { createHash } from 'node:crypto';
import { startOf } from './process-start.ts';

/** Stands where the start of a process cannot be read: such a process is never taken for dead. */
const UNKNOWN = 'unknown';

/** Name of this process for files that end with it: its machine, number and start, fit for any path. */
export async function processMark(machineId: string): Promise<string> {
  return [machineOf(machineId), process.pid, await startedAt(process.pid)].join('-');
}

/** True for the mark of a process of this machine that is gone; another machine's processes are not known here. */
export async function isLeftBehind(mark: string, machineId: string): Promise<boolean> {
  const [machine, pid, started] = mark.split('-');
  if (machine !== machineOf(machineId) || started === undefined || started === UNKNOWN) return false;
  return (await startedAt(Number(pid))) !== started;
}

async function startedAt(pid: number): Promise<string> {
  return (await startOf(pid))?.replace(/\W/g, '') || UNKNOWN;
}

/** A machine's name may hold anything. */
function machineOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 12);
}
