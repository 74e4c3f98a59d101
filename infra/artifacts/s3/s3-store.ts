import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { StageError } from '../../../domain/errors.ts';
import type { ArtifactRef } from '../../../domain/video.ts';
import type { BucketConfig } from '../../settings/artifacts-config.ts';
import type { Config } from '../../settings/config.ts';
import type { Secrets } from '../../settings/secrets.ts';
import { missing, otherFile } from '../artifact-gone.ts';
import { type ArtifactCache, openCache } from '../cache.ts';
import { keyOf, partsOf } from '../key.ts';
import type { ArtifactStore, ByteSpan } from '../store.ts';
import { type Bucket, type BucketKeys, openBucket } from './bucket.ts';
import { BucketError } from './bucket-error.ts';
import { abandonOld, removeTree } from './list.ts';
import { readObject } from './read-object.ts';
import { SHA256_HEADER, writeObject } from './write-object.ts';

/** Name below the prefix; no key of anybody's, since every key has its video or `shared` first. */
const MARKER = '.store-id';
const MARKER_TRIES = 5;

interface Parts {
  bucket: Bucket;
  cache: ArtifactCache;
  /** Whole key in the bucket. */
  keyIn(key: string): string;
}

interface Head {
  bytes: number;
  /** Null for an object that another program has put. */
  sha256: string | null;
}

type S3Config = Pick<Config, 'artifactsDir' | 'artifactCacheBytes' | 'machine' | 'times'> & {
  bucket: BucketConfig;
};

/**
 * The store in a bucket, for machines that share nothing else. Files that a machine has made or fetched stay in its
 * `artifactsDir`, so that its own next stage fetches nothing.
 */
export function openS3Store(config: S3Config, secrets: Secrets): ArtifactStore {
  const { name, prefix } = config.bucket;
  const parts: Parts = {
    bucket: openBucket(config.bucket, keysOf(secrets), config.times.retryScale),
    cache: openCache(config.artifactsDir, config.machine.id, config.artifactCacheBytes),
    keyIn: (key) => [...prefix, ...partsOf(key)].join('/'),
  };
  const { bucket, cache, keyIn } = parts;
  return {
    name: `s3://${[name, ...prefix].join('/')}`,
    put: (path, key, signal) => put(parts, path, key, signal),
    open: (ref, signal) => open(parts, ref, signal),
    find: async (key, signal) => {
      const found = await head(parts, key, signal);
      return found && open(parts, refOf(key, found), signal);
    },
    sizeAt: async (key) => (await head(parts, key))?.bytes ?? null,
    read: (key, span) => Readable.from(readObject({ bucket, key: keyIn(key) }, span), { objectMode: false }),
    remove: async (folder) => {
      await removeTree(bucket, keyIn(keyOf(folder)));
      await cache.remove(folder);
    },
    removeParts: async () =>
      (await cache.removeParts()) + (await abandonOld(bucket, prefix.map((part) => `${part}/`).join(''))),
    freeBytes: cache.freeBytes,
    marker: () => readMarker(bucket, [...prefix, MARKER].join('/')),
  };
}

function keysOf({ s3KeyId, s3Secret, s3Session }: Secrets): BucketKeys {
  if (s3KeyId === null || s3Secret === null) {
    throw new Error('ARTIFACTS=s3://... needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  return { accessKeyId: s3KeyId, secretAccessKey: s3Secret, sessionToken: s3Session };
}

/** Sent from the copy in the cache, which nobody changes; the copy of a file that did not arrive goes. */
async function put(
  { bucket, cache, keyIn }: Parts,
  path: string,
  key: string,
  signal?: AbortSignal,
): Promise<ArtifactRef> {
  const ref = await cache.write(() => createReadStream(path), key, { signal });
  const copy = await cache.take(ref);
  if (copy === null) throw missing(key);
  try {
    await writeObject(bucket, keyIn(key), { path: copy, ref }, signal);
  } catch (error) {
    await cache.remove(key);
    throw signal?.aborted ? signal.reason : error;
  }
  return ref;
}

async function open(parts: Parts, ref: ArtifactRef, signal?: AbortSignal): Promise<string> {
  const cached = await parts.cache.take(ref);
  if (cached !== null) return cached;
  await parts.cache.write(() => fetchWhole(parts, ref, signal), ref.key, { wanted: ref, signal });
  const path = await parts.cache.take(ref);
  if (path === null) throw missing(ref.key);
  return path;
}

async function* fetchWhole(
  { bucket, keyIn }: Parts,
  ref: ArtifactRef,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const span: ByteSpan = { first: 0, last: ref.bytes - 1 };
  try {
    yield* readObject({ bucket, key: keyIn(ref.key), signal }, span);
  } catch (error) {
    if (!(error instanceof BucketError)) throw error;
    if (error.code === 'NoSuchKey') throw missing(ref.key);
    // It is shorter than it should be, or was replaced meanwhile.
    throw error.status === 416 || error.status === 412 ? otherFile(ref.key) : error;
  }
}

async function head({ bucket, keyIn }: Parts, key: string, signal?: AbortSignal): Promise<Head | null> {
  const object = { key: keyIn(key), accept: [404], signal };
  const { status, headers } = await bucket.call({ method: 'HEAD', ...object });
  if (status === 404) {
    // An answer to HEAD does not say whether the bucket itself is gone; this one does, and throws.
    await bucket.call({ method: 'GET', headers: { range: 'bytes=0-0' }, ...object, accept: [404, 416] });
    return null;
  }
  return { sha256: headers.get(SHA256_HEADER), bytes: Number(headers.get('content-length')) };
}

function refOf(key: string, { sha256, bytes }: Head): ArtifactRef {
  if (sha256 !== null) return { key, sha256, bytes };
  throw new StageError('infrastructure', `artifact ${key} was put by another program, without its hash`);
}

/** The first to write it wins: the server refuses the others' (412, or 409 while one is being written). */
async function readMarker(bucket: Bucket, key: string): Promise<string> {
  for (let asked = 0; asked < MARKER_TRIES; asked += 1) {
    const known = await bucket.call({ method: 'GET', key, accept: [404] });
    if (known.status !== 404) return known.text.trim();
    const headers = { 'if-none-match': '*' };
    await bucket.call({ method: 'PUT', key, headers, body: randomUUID(), accept: [409, 412] });
  }
  throw new StageError('infrastructure', `${bucket.name}: the mark of the store cannot be written`);
}
