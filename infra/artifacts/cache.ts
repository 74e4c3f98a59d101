import { readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import type { ArtifactRef } from '../../domain/video.ts';
import { type ArtifactFolder, openFolder } from './folder.ts';
import { PARTS_FOLDER } from './parts.ts';

/** What was used so recently may be in a stage's hands: no stage works longer. */
const IN_USE_MS = 10 * 60_000;
/** The folder is looked through after this share of its limit was written. */
const LOOK_SHARE = 1 / 20;

/** Files of a store that this machine has made or fetched, the least recently used of which go when it is full. */
export interface ArtifactCache
  extends Pick<ArtifactFolder, 'write' | 'remove' | 'removeParts' | 'freeBytes'> {
  /** Path of an artifact, or null when it is not here as it was stored. */
  take(ref: ArtifactRef): Promise<string | null>;
}

/** The cache in a folder, which all workers of a machine share. It may hold more than `mostBytes` while that is in use. */
export function openCache(root: string, machineId: string, mostBytes: number): ArtifactCache {
  const folder = openFolder(root, machineId);
  let writtenSinceLook = 0;
  const trim = async () => {
    writtenSinceLook = 0;
    await trimFolder(root, mostBytes);
  };
  return {
    write: async (source, key, options) => {
      const ref = await folder.write(source, key, options);
      writtenSinceLook += ref.bytes;
      if (writtenSinceLook > mostBytes * LOOK_SHARE) await trim();
      return ref;
    },
    take: (ref) => take(folder, ref),
    remove: folder.remove,
    removeParts: async () => {
      await trim();
      return folder.removeParts();
    },
    freeBytes: folder.freeBytes,
  };
}

/** The time is set first: from then on nobody removes the file. */
async function take(folder: ArtifactFolder, ref: ArtifactRef): Promise<string | null> {
  const path = await folder.find(ref.key);
  if (path === null) return null;
  try {
    await utimes(path, new Date(), new Date());
    return await folder.open(ref);
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (gone || error instanceof StageError) return null;
    throw error;
  }
}

interface Found {
  path: string;
  bytes: number;
  usedAtMs: number;
}

async function trimFolder(root: string, mostBytes: number): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = await Promise.all(entries.filter((entry) => entry.isFile()).map(foundAt));
  const kept = files.filter((file) => file !== null && !file.path.startsWith(join(root, PARTS_FOLDER)));
  const byUse = (kept as Found[]).sort((a, b) => a.usedAtMs - b.usedAtMs);
  let bytes = byUse.reduce((sum, file) => sum + file.bytes, 0);
  for (const { path, bytes: size } of byUse) {
    if (bytes <= mostBytes) break;
    if (!(await isIdle(path))) break;
    await rm(path, { force: true });
    bytes -= size;
  }
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== PARTS_FOLDER);
  // The deepest first. One that is not empty stays, and so does one that somebody is about to write to.
  for (const entry of folders.reverse()) {
    const path = join(entry.parentPath, entry.name);
    if (await isIdle(path)) await rmdir(path).catch(() => undefined);
  }
}

async function foundAt(entry: { parentPath: string; name: string }): Promise<Found | null> {
  const path = join(entry.parentPath, entry.name);
  const found = await stat(path).catch(() => null);
  return found && { path, bytes: found.size, usedAtMs: found.mtimeMs };
}

async function isIdle(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < Date.now() - IN_USE_MS;
}
