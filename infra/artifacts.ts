import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StageError } from '../domain/errors.ts';
import type { ArtifactRef } from '../domain/video.ts';
import { placeOf } from './artifact-place.ts';
import type { Config } from './config.ts';
import { isLeftBehind, processMark } from './process-mark.ts';

/** Where finished files live. A key is a relative path such as `<video_id>/<run>/<name>`. */
export interface ArtifactStore {
  /** Copies the file to its key; a reader sees all of it or nothing. No key, and no link, leads out of the store. */
  put(path: string, key: string): Promise<ArtifactRef>;
  /** Local path of an artifact. StageError `infrastructure` when it is missing or not what was put. */
  open(ref: ArtifactRef): Promise<string>;
  /** Local path of whatever lies at the key, or null. */
  find(key: string): Promise<string | null>;
  /** Removes the file or folder at the key; nothing there is fine. */
  remove(prefix: string): Promise<void>;
  /** Removes what killed processes left half-written: this machine's at once, others' after an hour. Returns the number. */
  removeParts(): Promise<number>;
  freeBytes(): Promise<number>;
  /** The store's own uuid, made on first use: two machines with the same marker share their files. */
  marker(): Promise<string>;
}

const MARKER_FILE = '.store-id';
/** Half-written files lie here, named after their process. */
const PARTS_FOLDER = '.parts';
/** No copy takes so long. */
const PART_AGE_MS = 3_600_000;
const READABLE_BY_ALL = 0o644;

/** The store in the folder `config.artifactsDir`, which is made when missing. */
export function openArtifacts(config: Config): ArtifactStore {
  const root = config.artifactsDir;
  const parts = join(root, PARTS_FOLDER);
  mkdirSync(parts, { recursive: true });
  return {
    put: async (path, key) => {
      const part = join(parts, `${await processMark(config.machine.id)}-${randomUUID()}`);
      return put(path, key, { part, target: await placeOf(root, key) });
    },
    open: async (ref) => open(ref, await placeOf(root, ref.key)),
    find: async (key) => {
      const path = await placeOf(root, key);
      return (await sizeOf(path)) === null ? null : path;
    },
    remove: async (prefix) =>
      rm(await placeOf(root, prefix.replace(/\/$/, '')), { recursive: true, force: true }),
    removeParts: () => removeParts(parts, config.machine.id),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
    marker: () => readMarker(root),
  };
}

async function put(
  path: string,
  key: string,
  { part, target }: { part: string; target: string },
): Promise<ArtifactRef> {
  await mkdir(dirname(target), { recursive: true });
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      createReadStream(path),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      // Flushed, since the row in Postgres that names the file is durable too.
      createWriteStream(part, { flush: true }),
    );
    await chmod(part, READABLE_BY_ALL);
    await rename(part, target);
    return { key, sha256: hash.digest('hex'), bytes };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function removeParts(parts: string, machineId: string): Promise<number> {
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

async function open(ref: ArtifactRef, path: string): Promise<string> {
  const bytes = await sizeOf(path);
  if (bytes === null) throw new StageError('infrastructure', `artifact ${ref.key} is missing`);
  if (bytes !== ref.bytes || (await sha256Of(path)) !== ref.sha256) {
    throw new StageError('infrastructure', `artifact ${ref.key} is not the file that was stored`);
  }
  return path;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readMarker(root: string): Promise<string> {
  const path = join(root, MARKER_FILE);
  if ((await sizeOf(path)) === null) {
    const mine = `${path}.${randomUUID()}`;
    await writeFile(mine, randomUUID());
    // A link, unlike a rename, loses against a marker that another process has just made.
    await link(mine, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(mine);
  }
  return (await readFile(path, 'utf8')).trim();
}
