import { type FileHandle, open } from 'node:fs/promises';
import type { ArtifactRef } from '../../../domain/video.ts';
import type { Bucket } from './bucket.ts';
import { BucketError } from './bucket-error.ts';
import { textsOf } from './xml.ts';

/** Larger files go in parts of this size, so that what fails is sent again alone. S3 takes none below 5 MiB. */
export const PART_BYTES = 8 * 1024 ** 2;
const MOST_PARTS = 10_000;
/** Parts of one file on their way at once: so much memory it needs. */
const PARTS_AT_ONCE = 3;
/** The hash of an object stands here, since its ETag is none of the whole. */
export const SHA256_HEADER = 'x-amz-meta-sha256';

interface Upload {
  bucket: Bucket;
  /** Whole key in the bucket. */
  key: string;
  file: FileHandle;
  ref: ArtifactRef;
  signal: AbortSignal | undefined;
}

/**
 * Sends the file at `path`, which is what `ref` says, to a key. Readers see all of it or nothing; each request is
 * signed with the hash of its bytes. Throws a BucketError after several tries, and the signal's reason.
 */
export async function writeObject(
  bucket: Bucket,
  key: string,
  { path, ref }: { path: string; ref: ArtifactRef },
  signal?: AbortSignal,
): Promise<void> {
  const file = await open(path);
  const upload = { bucket, key, file, ref, signal };
  try {
    await (ref.bytes <= PART_BYTES ? sendWhole(upload) : sendInParts(upload));
  } finally {
    await file.close();
  }
}

async function sendWhole({ bucket, key, file, ref, signal }: Upload): Promise<void> {
  const body = await bytesOf(file, 0, ref.bytes);
  await bucket.call({ method: 'PUT', key, headers: { [SHA256_HEADER]: ref.sha256 }, body, signal });
}

async function sendInParts(upload: Upload): Promise<void> {
  const { bucket, key, ref, signal } = upload;
  const headers = { [SHA256_HEADER]: ref.sha256 };
  const begun = await bucket.call({ method: 'POST', key, query: { uploads: '' }, headers, signal });
  const uploadId = textsOf(begun.text, 'UploadId')[0];
  if (!uploadId) throw new Error(`${bucket.name}: no UploadId in the answer`);
  try {
    const tags = await sendParts(upload, uploadId);
    await complete(upload, uploadId, tags);
  } catch (error) {
    await abandon(bucket, key, uploadId);
    throw error;
  }
}

/** Ends an upload, whose parts would be paid for else. What fails here, the next look for left parts removes. */
export async function abandon(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  await bucket.call({ method: 'DELETE', key, query: { uploadId }, accept: [404] }).catch(() => undefined);
}

async function sendParts({ bucket, key, file, ref, signal }: Upload, uploadId: string): Promise<string[]> {
  const size = Math.max(PART_BYTES, Math.ceil(ref.bytes / MOST_PARTS));
  const count = Math.ceil(ref.bytes / size);
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const tags: string[] = [];
  let next = 0;
  const sender = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      const body = await bytesOf(file, number * size, Math.min(size, ref.bytes - number * size));
      const query = { partNumber: String(number + 1), uploadId };
      const { headers } = await bucket.call({ method: 'PUT', key, query, body, signal: either });
      tags[number] = headers.get('etag') ?? '';
    }
  };
  const senders = Array.from({ length: PARTS_AT_ONCE }, sender);
  try {
    await Promise.all(senders);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(senders);
    throw error;
  }
  return tags;
}

async function complete(
  { bucket, key, ref, signal }: Upload,
  uploadId: string,
  tags: string[],
): Promise<void> {
  const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  try {
    await bucket.call({ method: 'POST', key, query: { uploadId }, body, signal });
  } catch (error) {
    // Its answer may have been lost, and the call made again finds the upload gone.
    if (!(error instanceof BucketError && error.code === 'NoSuchUpload')) throw error;
    const { headers } = await bucket.call({ method: 'HEAD', key, accept: [404], signal });
    if (headers.get(SHA256_HEADER) !== ref.sha256) throw error;
  }
}

async function bytesOf(file: FileHandle, start: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, start);
  if (bytesRead !== bytes) throw new Error('the file became shorter while it was sent');
  return buffer;
}
