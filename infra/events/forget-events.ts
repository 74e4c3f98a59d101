import type { Redis } from 'ioredis';
import { parseEntry } from './event-reader.ts';

const AT_ONCE = 1_000;

/** Removes the stream of a video, and its events from the stream of all. Throws what Redis answers. */
export async function forgetEvents(
  redis: Redis,
  { all, own }: { all: string; own: string },
  videoId: string,
): Promise<void> {
  await redis.del(own, `${own}:progress`);
  for (let after = '-'; ; ) {
    const entries = await redis.xrange(all, after, '+', 'COUNT', AT_ONCE);
    const ids = entries.filter((entry) => parseEntry(entry).video_id === videoId).map(([id]) => id);
    if (ids.length > 0) await redis.xdel(all, ...ids);
    const last = entries.at(-1);
    if (!last || entries.length < AT_ONCE) return;
    after = `(${last[0]}`;
  }
}
