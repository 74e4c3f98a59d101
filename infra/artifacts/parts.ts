import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLeftBehind } from '../processes/process-mark.ts';

/** Half-written files lie here, named after their process. */
export const PARTS_FOLDER = '.parts';
/** No copy takes so long. */
export const PART_AGE_MS = 3_600_000;

/** Removes half-written files: those of killed processes of this machine at once, others' after an hour. Returns the number. */
export async function removeParts(parts: string, machineId: string): Promise<number> {
  let removed = 0;
  for (const name of await readdir(parts)) {
    const path = join(parts, name);
    if (!(await isLeftBehind(name, machineId)) && !(await isOld(path))) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < Date.now() - PART_AGE_MS;
}
