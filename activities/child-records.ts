import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../infra/config.ts';
import { startOf } from '../infra/process-start.ts';
import { signalGroup } from './child-group.ts';

/** A process, named so that no later one with its pid is taken for it. */
interface Named {
  pid: number;
  started: string;
}

interface ChildRecord {
  worker: Named;
  child: Named;
}

let folder: string | null = null;

/**
 * Has every child of this process written down from now on, and ends those that a killed worker of this machine left:
 * the only way where no kernel does it (macOS, a Linux without setpriv). Returns how many groups were ended.
 */
export async function keepChildRecords({ dataDir, machine }: Config): Promise<number> {
  folder = join(dataDir, 'children', `machine-${encodeURIComponent(machine.id)}`);
  await mkdir(folder, { recursive: true });
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const ended = await Promise.all(files.map((name) => endLeft(join(folder ?? '', name))));
  return ended.filter(Boolean).length;
}

/** Writes a child down; the answer removes the record once it has ended. */
export async function recordChild(pid: number | undefined): Promise<() => Promise<void>> {
  if (folder === null || pid === undefined) return async () => undefined;
  const [worker, child] = await Promise.all([named(process.pid), named(pid)]);
  if (worker === null || child === null) return async () => undefined;
  const path = join(folder, `${worker.pid}-${child.pid}.json`);
  const record: ChildRecord = { worker, child };
  // Without its record a child still runs; a full disk is told by the stage that needs the room.
  await writeWhole(path, JSON.stringify(record)).catch(() => undefined);
  return () => rm(path, { force: true });
}

/** A worker that starts meanwhile must not read half a record. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

async function named(pid: number): Promise<Named | null> {
  const started = await startOf(pid);
  return started === null ? null : { pid, started };
}

async function lives({ pid, started }: Named): Promise<boolean> {
  return (await startOf(pid)) === started;
}

/** True when the record's worker is gone and its child was not. */
async function endLeft(path: string): Promise<boolean> {
  const record = await readRecord(path);
  if (record && (await lives(record.worker))) return false;
  const left = record !== null && (await lives(record.child));
  if (left) signalGroup(record.child.pid, 'SIGKILL');
  await rm(path, { force: true });
  return left;
}

/** Null for one that a failing machine has spoilt. */
async function readRecord(path: string): Promise<ChildRecord | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ChildRecord;
  } catch {
    return null;
  }
}
