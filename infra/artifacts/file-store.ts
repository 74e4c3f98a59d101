import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Config } from '../settings/config.ts';
import { openFolder } from './folder.ts';
import { placeOf } from './place.ts';
import type { ArtifactStore, ByteSpan } from './store.ts';

/** The name is no key of anybody's, since every key has its video or `shared` first. */
const MARKER_FILE = '.store-id';

/** The store in the folder `artifactsDir`, of one machine or of a mount that several share. */
export function openFileStore({ artifactsDir: root, machine }: Config): ArtifactStore {
  const folder = openFolder(root, machine.id);
  return {
    ...folder,
    name: `file:${root}`,
    put: (path, key, signal) => folder.write(() => createReadStream(path), key, { signal }),
    read: (key, span) => Readable.from(readFrom(root, key, span), { objectMode: false }),
    marker: () => readMarker(join(root, MARKER_FILE)),
  };
}

async function* readFrom(root: string, key: string, { first, last }: ByteSpan): AsyncGenerator<Buffer> {
  yield* createReadStream(await placeOf(root, key), { start: first, end: last });
}

async function readMarker(path: string): Promise<string> {
  const known = await readIfThere(path);
  if (known !== null) return known;
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, randomUUID());
  // A link, unlike a rename, loses against a marker that another process has just made.
  await link(mine, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(mine);
  return (await readFile(path, 'utf8')).trim();
}

async function readIfThere(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text?.trim() ?? null;
}
