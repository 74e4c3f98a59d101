import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLeftBehind, processMark } from '../infra/processes/process-mark.ts';
import { startOf } from '../infra/processes/process-start.ts';
import type { Config } from '../infra/settings/config.ts';
import { signalGroup } from './child-group.ts';

/** Holds a file for each living child, named by its pid, with its start as text. */
let ownFolder: string | null = null;

/**
 * Has every child of this process written down from now on, and ends those that a killed worker of this machine left:
 * the only way where no kernel does it (macOS, a Linux without setpriv). Returns how many groups were ended.
 */
export async function keepChildRecords({ dataDir, machine }: Config): Promise<number> {
  const root = join(dataDir, 'children');
  ownFolder = join(root, await processMark(machine.id));
  await mkdir(ownFolder, { recursive: true });
  let ended = 0;
  for (const mark of await readdir(root)) {
    if (!(await isLeftBehind(mark, machine.id))) continue;
    ended += await endChildrenIn(join(root, mark));
    await rm(join(root, mark), { recursive: true, force: true });
  }
  return ended;
}

/** Writes a child down; the answer removes the record once it has ended. */
export async function recordChild(pid: number | undefined): Promise<() => Promise<void>> {
  if (ownFolder === null || pid === undefined) return async () => undefined;
  const path = join(ownFolder, String(pid));
  const started = await startOf(pid);
  if (started === null) return async () => undefined;
  // Without its record a child still runs; a full disk is told by the stage that needs the room.
  await writeWhole(path, started).catch(() => undefined);
  return () => rm(path, { force: true });
}

/** Half a record would name nobody. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

async function endChildrenIn(folder: string): Promise<number> {
  const left = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  const ended = await Promise.all(left.map((pid) => endIfSame(pid, join(folder, String(pid)))));
  return ended.filter(Boolean).length;
}

/** A pid may be another process's by now. */
async function endIfSame(pid: number, record: string): Promise<boolean> {
  const same = (await startOf(pid)) === (await readFile(record, 'utf8'));
  if (same) signalGroup(pid, 'SIGKILL');
  return same;
}
