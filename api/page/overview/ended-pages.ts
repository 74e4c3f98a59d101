import { signal } from '@preact/signals';
import type { VideoPage } from '../answers.ts';
import { call, wordsOf } from '../api.ts';
import type { Filter } from './choose.ts';
import { videos } from './pipeline.ts';

const PAGE = 50;

/** How far back the ended videos of a filter were read: the cursor of the next page, null after the last. */
const places = new Map<string, string | null>();
export const reading = signal(false);
export const readingFault = signal('');
/** Grows with each page, so that what depends on `hasOlder` is drawn again. */
const pages = signal(0);

export function hasOlder(filter: Filter): boolean {
  void pages.value;
  return places.get(keyOf(filter)) !== null;
}

/** Reads the next page of older videos that the filter takes; its text is looked for among what is here alone. */
export async function readOlder(filter: Filter): Promise<void> {
  if (reading.peek() || places.get(keyOf(filter)) === null) return;
  reading.value = true;
  readingFault.value = '';
  try {
    const { videos: found, next_cursor } = await call<VideoPage>(`/pipeline/videos?${queryOf(filter)}`);
    videos.put(found);
    places.set(keyOf(filter), next_cursor);
    pages.value += 1;
  } catch (error) {
    readingFault.value = wordsOf(error);
  }
  reading.value = false;
}

/** True for a filter of ended videos of which no page was read yet. */
export function isUnread(filter: Filter): boolean {
  const ended = filter.status === 'completed' || filter.status === 'failed' || filter.status === 'cancelled';
  return (ended || filter.channel !== '') && !places.has(keyOf(filter));
}

function queryOf(filter: Filter): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (filter.status !== 'now') query.set('status', filter.status);
  if (filter.channel) query.set('channel_id', filter.channel);
  const cursor = places.get(keyOf(filter));
  if (cursor) query.set('cursor', cursor);
  return query;
}

function keyOf({ status, channel }: Filter): string {
  return JSON.stringify([status, channel]);
}
