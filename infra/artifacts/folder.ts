import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { chmod, mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactRef } from '../../domain/video.ts';
import { processMark } from '../processes/process-mark.ts';
import { missing, otherFile } from './artifact-gone.ts';
import { keyOf } from './key.ts';
import { PARTS_FOLDER, removeParts } from './parts.ts';
import { placeOf } from './place.ts';

const READABLE_BY_ALL = 0o644;

export interface WriteOptions {
  /** What the bytes have to be; others are a StageError `infrastructure`, and nothing is written. */
  wanted?: ArtifactRef;
  signal?: AbortSignal | undefined;
}

/** Opens what is to be written, once everything else is ready: a stream that nobody reads yet fails unheard. */
type Source = () => AsyncIterable<Buffer>;

/** Files by key in one folder, which several processes use at once. */
export interface ArtifactFolder {
  /** Writes a file of what `source` opens; a reader sees all of it or nothing. */
  write(source: Source, key: string, options?: WriteOptions): Promise<ArtifactRef>;
  /** Path of an artifact. ArtifactGone when it is missing or not what was put. */
  open(ref: ArtifactRef): Promise<string>;
  find(key: string): Promise<string | null>;
  sizeAt(key: string): Promise<number | null>;
  remove(prefix: string): Promise<void>;
  removeParts(): Promise<number>;
  freeBytes(): Promise<number>;
}

/** The folder, which is made when missing. */
export function openFolder(root: string, machineId: string): ArtifactFolder {
  const parts = join(root, PARTS_FOLDER);
  mkdirSync(parts, { recursive: true });
  return {
    write: async (source, key, options = {}) => {
      const target = await placeOf(root, key);
      const part = join(parts, `${await processMark(machineId)}-${randomUUID()}`);
      return write(source, key, { part, target }, options);
    },
    open: async (ref) => open(ref, await placeOf(root, ref.key)),
    find: async (key) => {
      const path = await placeOf(root, key);
      return (await sizeOf(path)) === null ? null : path;
    },
    sizeAt: async (key) => sizeOf(await placeOf(root, key)),
    remove: async (prefix) => rm(await placeOf(root, keyOf(prefix)), { recursive: true, force: true }),
    removeParts: () => removeParts(parts, machineId),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
  };
}

async function write(
  source: Source,
  key: string,
  { part, target }: { part: string; target: string },
  { wanted, signal }: WriteOptions,
): Promise<ArtifactRef> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    // Flushed, since the row in Postgres that names the file is durable too.
    await pipeline(source(), counted, createWriteStream(part, { flush: true }), {
      ...(signal && { signal }),
    });
    const ref = { key, sha256: hash.digest('hex'), bytes };
    if (wanted && (wanted.sha256 !== ref.sha256 || wanted.bytes !== ref.bytes)) throw otherFile(key);
    await chmod(part, READABLE_BY_ALL);
    await mkdir(dirname(target), { recursive: true });
    await rename(part, target);
    return ref;
  } catch (error) {
    await rm(part, { force: true });
    throw signal?.aborted ? signal.reason : error;
  }
}

async function open(ref: ArtifactRef, path: string): Promise<string> {
  const bytes = await sizeOf(path);
  if (bytes === null) throw missing(ref.key);
  if (bytes !== ref.bytes || (await sha256Of(path)) !== ref.sha256) throw otherFile(ref.key);
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
