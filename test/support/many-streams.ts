import type { StreamMessage } from '../../api/streams/message.ts';
import { endsStream } from '../../domain/events.ts';
import { type Following, followStream, TRANSPORTS, type TransportName } from './stream-client.ts';

/** What many watchers of the same videos have heard. */
export interface Heard {
  /** Streams of one video that ended without its last event. */
  lostEnds: number;
  /** Last events that streams of all videos did not tell. */
  lostOfAll: number;
  messages: number;
}

const AT_ONCE = 10;
/** Every so manieth stream follows all videos. */
const OF_ALL = 20;

/**
 * Opens `count` streams, Server-Sent Events and WebSockets in turn, over the given videos, some of them over all. The
 * returned function resolves with what they heard once every stream of one video has ended and those of all have told
 * of every end; these are then left.
 */
export async function openManyStreams(
  url: string,
  videoIds: readonly string[],
  count: number,
): Promise<() => Promise<Heard>> {
  const one: { videoId: string; following: Following }[] = [];
  const all: Following[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => from + index);
    await Promise.all(
      some.map(async (index) => {
        const transport = TRANSPORTS[index % TRANSPORTS.length] as TransportName;
        if (index % OF_ALL === 0) {
          all.push(await followStream(url, '/pipeline/stream', transport));
          return;
        }
        const videoId = videoIds[index % videoIds.length] ?? '';
        const following = await followStream(url, `/pipeline/stream/${videoId}`, transport);
        one.push({ videoId, following });
      }),
    );
  }
  return async () => {
    const ends = one.map(({ videoId, following }) => hearOne(following, videoId));
    const overall = all.map((following) => hearAll(following, videoIds));
    const heard = await Promise.all(ends);
    const missed = await Promise.all(overall);
    return {
      lostEnds: heard.filter(({ end }) => !end).length,
      lostOfAll: missed.reduce((sum, missing) => sum + missing, 0),
      messages: heard.reduce((sum, { messages }) => sum + messages, 0),
    };
  };
}

async function hearOne({ messages }: Following, videoId: string) {
  let heard = 0;
  let last: StreamMessage | null = null;
  for await (const message of messages) {
    heard += 1;
    last = message;
  }
  const end = last !== null && endsStream(last.type) && 'video_id' in last && last.video_id === videoId;
  return { messages: heard, end };
}

/** How many ends the stream did not tell before it was over. */
async function hearAll({ messages, leave }: Following, videoIds: readonly string[]): Promise<number> {
  const open = new Set(videoIds);
  for await (const message of messages) {
    if (endsStream(message.type) && 'video_id' in message) open.delete(String(message.video_id));
    if (open.size === 0) break;
  }
  leave();
  return open.size;
}
