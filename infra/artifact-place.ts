import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { StageError } from '../domain/errors.ts';

/**
 * Path of a key in the store's folder. Throws an Error for what is no key, such as a way out of the folder, and a
 * StageError `infrastructure` where a link inside the store would lead elsewhere; its root may be a link.
 */
export async function placeOf(root: string, key: string): Promise<string> {
  const parts = key.split('/');
  const escapes = parts.some((part) => part === '' || part === '.' || part === '..');
  if (escapes || key.includes('\0') || key.includes('\\')) {
    throw new Error(`not a key of the artifact store: ${JSON.stringify(key)}`);
  }
  let path = root;
  for (const part of parts) {
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
