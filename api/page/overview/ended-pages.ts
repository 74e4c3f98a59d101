import { signal } from '@preact/signals';
import type { VideoPage } from '../answers.ts';
import { call, wordsOf } from '../api.ts';
import type { Filter } from './choose.ts';
import { videos } from './known-videos.ts';

/** How far back each list of videos was read, by its query: the cursor of the next page, null after the last. */
const places = new Map<string, string | null>();
export const reading = signal(false);
export const readingFault = signal('');
/** Grows with each page, so that what depends on `hasOlder` is drawn again. */
const pages = signal(0);

export function hasOlder(filter: Filter): boolean {
  void pages.value;
  return listsOf(filter).some(isLeft);
}

/** Reads the newest videos of each end, which may be far behind newer ones that wait. */
export async function readLatelyEnded(): Promise<void> {
  await Promise.all(listsOf({ status: 'now', channel: '' }).map((list) => readPage(list)));
}

/** Reads the next page of older videos that the filter takes; its text is looked for among what is here alone. */
export async function readOlder(filter: Filter): Promise<void> {
  if (reading.peek()) return;
  reading.value = true;
  readingFault.value = '';
  try {
    const lists = listsOf(filter).filter(isLeft);
    await Promise.all(lists.map((list) => readPage(list, places.get(list))));
  } catch (error) {
    readingFault.value = wordsOf(error);
  }
  reading.value = false;
}

/** True for a filter of ended videos of which no page was read yet. */
export function isUnread(filter: Filter): boolean {
  const ended = filter.status === 'completed' || filter.status === 'failed' || filter.status === 'cancelled';
  return (ended || filter.channel !== '') && listsOf(filter).some((list) => !places.has(list));
}

function isLeft(list: string): boolean {
  return places.get(list) !== null;
}

/** The page after a cursor. The newest one is read again at each connection, which forgets no place. */
async function readPage(list: string, cursor?: string | null): Promise<void> {
  const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
  const page = await call<VideoPage>(`/pipeline/videos?${list}${after}`);
  videos.put(page.videos);
  if (cursor || !places.has(list)) places.set(list, page.next_cursor);
  pages.value += 1;
}

/** One for each end where all of them are wanted. */
function listsOf({ status, channel }: Pick<Filter, 'status' | 'channel'>): string[] {
  const statuses = status === 'now' ? ['completed', 'failed', 'cancelled'] : [status];
  return statuses.map(
    (each) => `limit=50&status=${each}${channel && `&channel_id=${encodeURIComponent(channel)}`}`,
  );
}
