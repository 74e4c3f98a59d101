import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const LISTENS = '0A';

/** The process that listens on a TCP port of this machine, where Linux tells; null when nobody knows. */
export function listenerOn(port: number): { pid: number; program: string } | null {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => socketsOn(table, port)));
  if (sockets.size === 0) return null;
  const pids = list('/proc').filter((name) => /^\d+$/.test(name));
  const pid = pids.find((each) =>
    list(`/proc/${each}/fd`).some((fd) => sockets.has(link(`/proc/${each}/fd/${fd}`))),
  );
  return pid === undefined ? null : { pid: Number(pid), program: programOf(pid) };
}

/** Names of the listening sockets, as a file descriptor shows them. */
function socketsOn(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTENS)
    .map((fields) => `socket:[${fields[9]}]`);
}

function programOf(pid: string): string {
  const [command = ''] = read(`/proc/${pid}/cmdline`).split('\0');
  return basename(command.split(' ')[0] ?? '') || 'a program';
}

/** Processes end while we look, and those of others are closed to us: each of these may fail at any time. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

const read = (path: string) => attempt(() => readFileSync(path, 'utf8'), '');
const list = (path: string) => attempt(() => readdirSync(path), []);
const link = (path: string) => attempt(() => readlinkSync(path), '');
