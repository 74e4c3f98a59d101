import { PART_AGE_MS } from '../parts.ts';
import type { Bucket } from './bucket.ts';
import { abandon } from './write-object.ts';
import { textsOf } from './xml.ts';

/** Objects that are removed at once. */
const REMOVALS_AT_ONCE = 8;

/** Removes the object at a key and all below it. Throws a BucketError. */
export async function removeTree(bucket: Bucket, key: string): Promise<void> {
  await removeAll(bucket, [key]);
  for (;;) {
    const { text } = await bucket.call({ method: 'GET', query: { 'list-type': '2', prefix: `${key}/` } });
    const keys = textsOf(text, 'Key');
    if (keys.length === 0) return;
    await removeAll(bucket, keys);
  }
}

async function removeAll(bucket: Bucket, keys: string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += REMOVALS_AT_ONCE) {
    const some = keys.slice(from, from + REMOVALS_AT_ONCE);
    await Promise.all(some.map((key) => bucket.call({ method: 'DELETE', key, accept: [404] })));
  }
}

/** Ends uploads below a prefix that were begun an hour ago: no living process has one so old. Returns their number. */
export async function abandonOld(bucket: Bucket, prefix: string): Promise<number> {
  const { text } = await bucket.call({ method: 'GET', query: { uploads: '', prefix } });
  const old = textsOf(text, 'Upload').filter(
    (upload) => Date.parse(textsOf(upload, 'Initiated')[0] ?? '') < Date.now() - PART_AGE_MS,
  );
  for (const upload of old) {
    await abandon(bucket, textsOf(upload, 'Key')[0] ?? '', textsOf(upload, 'UploadId')[0] ?? '');
  }
  return old.length;
}
