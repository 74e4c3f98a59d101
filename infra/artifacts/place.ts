import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import { partsOf } from './key.ts';

/**
 * Path of a key in a folder. Throws an Error for what is no key, such as a way out of the folder, and a
 * StageError `infrastructure` where a link inside the folder would lead elsewhere; its root may be a link.
 */
export async function placeOf(root: string, key: string): Promise<string> {
  let path = root;
  for (const part of partsOf(key)) {
    path = join(path, part);
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (found?.isSymbolicLink()) {
      throw new StageError('infrastructure', `artifact ${key} lies behind a link, which is not followed`);
    }
  }
  return path;
}
