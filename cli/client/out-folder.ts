import { constants } from 'node:fs';
import { access, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { badInput } from './cli-error.ts';

/** Proves that finished videos can be put there, before anything is ordered. */
export async function checkOutFolder(out: string): Promise<void> {
  const fault = await writeFault(resolve(out));
  if (fault !== null) throw badInput(`--out ${out}`, fault, 'name a folder that you may write to');
}

/**
 * Why nothing can be put into a folder, or null: makes and removes an empty folder in it, or in the nearest
 * parent that exists. Permission bits alone say little to root.
 */
export async function writeFault(folder: string): Promise<string | null> {
  const parent = await nearestExisting(folder);
  try {
    if (!(await stat(parent)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(parent, constants.W_OK | constants.X_OK);
    await rmdir(await mkdtemp(join(parent, '.ytempire-')));
    return null;
  } catch (error) {
    return outFault(error, parent);
  }
}

/** The folder itself, or the nearest of its parents that is there. */
export async function nearestExisting(path: string): Promise<string> {
  const found = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return found || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** Why a folder cannot be written, in words. */
export function outFault(error: unknown, path: string): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const words: Record<string, string> = {
    ENOTDIR: `${path} is not a folder`,
    EACCES: `${path} may not be written`,
    EPERM: `${path} may not be written`,
    EROFS: `${path} is on a read-only disk`,
    ENOSPC: `the disk of ${path} is full`,
    EDQUOT: `the disk quota of ${path} is used up`,
    ENOENT: `nothing can be made in ${path}`,
  };
  return words[code] ?? `${path} cannot be written (${code})`;
}
