import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Deps } from '../deps.ts';
import { processMark } from '../processes/process-mark.ts';
import { workRoot } from '../processes/work-root.ts';
import { addSharedFile } from '../retention/shared-files.ts';
import { factsOfMedia } from './facts.ts';
import { formatOf, kindOf, MAGIC_BYTES, MAX_MEDIA_BYTES } from './media-type.ts';
import { MediaRefused } from './refused.ts';
import { insertMedia, type MediaFile } from './rows.ts';

/** The file is larger than its kind may be. */
export class MediaTooLarge extends Error {
  override name = 'MediaTooLarge';
}

type Receiver = Pick<Deps, 'config' | 'pool' | 'artifacts'>;

/**
 * Takes a file as it comes, never more of it in memory than a piece, and keeps it for orders to name. Throws
 * MediaRefused or MediaTooLarge as soon as that is known; of such a file nothing stays.
 */
export async function receiveMedia(deps: Receiver, body: AsyncIterable<Uint8Array>): Promise<MediaFile> {
  const { config } = deps;
  // Among the work of this process, which a worker clears away if the process is killed.
  const folder = join(workRoot(config), await processMark(config.machine.id), 'media');
  const path = join(folder, randomUUID());
  await mkdir(folder, { recursive: true });
  try {
    const hash = createHash('sha256');
    // Opened first: a stream that is refused while it opens its file would make it after its removal.
    const file = await open(path, 'wx');
    await pipeline(watched(body, hash), file.createWriteStream());
    return await keep(deps, path, hash.digest('hex'));
  } finally {
    await rm(path, { force: true });
  }
}

async function keep(deps: Receiver, path: string, sha256: string): Promise<MediaFile> {
  const facts = await factsOfMedia(path);
  // Named by its content, which never changes under a video that was made from it.
  const key = `shared/media/${sha256}.${facts.format}`;
  return addSharedFile(deps, key, async (tx) => {
    const media = { id: randomUUID(), file: await deps.artifacts.put(path, key), ...facts };
    await insertMedia(tx, media);
    return media;
  });
}

/** Passes the bytes on, and stops at the first that show that the file will not be taken. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  let start = Buffer.alloc(0);
  let most = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (start.length < MAGIC_BYTES) {
      start = Buffer.concat([start, chunk.subarray(0, MAGIC_BYTES)]);
      most = start.length < MAGIC_BYTES ? most : mostFor(start);
    }
    if (bytes > most) throw new MediaTooLarge(`the file is larger than ${most / 1024 ** 2} MB`);
    hash.update(chunk);
    yield chunk;
  }
}

function mostFor(start: Buffer): number {
  const format = formatOf(start);
  if (format === null) throw new MediaRefused('is none of MP4, MOV, JPEG, PNG and WebP');
  return MAX_MEDIA_BYTES[kindOf(format)];
}
