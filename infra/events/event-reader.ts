import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { PipelineEvent } from '../../domain/events.ts';

const BLOCK_MS = 2_000;
/** Events that a follower may be behind; one that is further behind is dropped. */
const MAX_BEHIND = 1_000;

/** Who follows does not keep up, so it is dropped: nothing may wait for it without end. */
export class SlowReaderError extends Error {
  override name = 'SlowReaderError';
}

export type Entry = [id: string, fields: string[]];
type Listener = (event: PipelineEvent) => void;

/** One reading of the stream of all events for everybody in this process who follows. */
export interface EventReader {
  /** Events of one video, or of all for null, from now on, once `ready`; throws SlowReaderError when too far behind. */
  subscribe(
    videoId: string | null,
    signal: AbortSignal,
  ): { ready: Promise<void>; events: AsyncIterable<PipelineEvent> };
}

/** `open` makes the connection, which lives while somebody follows. */
export function createEventReader(open: () => Redis, key: string): EventReader {
  const listeners = new Set<Listener>();
  let reading: { stop(): void; ready: Promise<void> } | null = null;

  function start() {
    const redis = open();
    let stopped = false;
    const ready = lastId(redis, key);
    const loop = async () => {
      let last = await ready;
      while (!stopped) {
        const read = await redis
          .xread('COUNT', 500, 'BLOCK', BLOCK_MS, 'STREAMS', key, last)
          .catch(() => null);
        for (const entry of read?.[0]?.[1] ?? []) {
          last = entry[0];
          const event = parseEntry(entry);
          for (const tell of listeners) tell(event);
        }
      }
    };
    loop().catch(() => undefined);
    return {
      ready: ready.then(() => undefined),
      stop: () => {
        stopped = true;
        redis.disconnect();
      },
    };
  }

  return {
    subscribe(videoId, signal) {
      const box = mailbox(signal);
      const tell: Listener = (event) => {
        if (videoId === null || event.video_id === videoId) box.put(event);
      };
      listeners.add(tell);
      reading ??= start();
      const { ready } = reading;
      const leave = () => {
        listeners.delete(tell);
        if (listeners.size > 0) return;
        reading?.stop();
        reading = null;
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      return { ready, events: box.events };
    },
  };
}

async function lastId(redis: Redis, key: string): Promise<string> {
  const newest = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
  return newest[0]?.[0] ?? '0-0';
}

function mailbox(signal: AbortSignal) {
  const waiting: PipelineEvent[] = [];
  const bell = new EventTarget();
  let overflown = false;
  async function* events(): AsyncGenerator<PipelineEvent> {
    while (!signal.aborted) {
      if (overflown) throw new SlowReaderError(`a reader of events was more than ${MAX_BEHIND} behind`);
      const event = waiting.shift();
      if (event) yield event;
      else await once(bell, 'rung', { signal }).catch(() => undefined);
    }
  }
  return {
    events: events(),
    put: (event: PipelineEvent) => {
      overflown ||= waiting.length >= MAX_BEHIND;
      if (!overflown) waiting.push(event);
      bell.dispatchEvent(new Event('rung'));
    },
  };
}

export function parseEntry([id, fields]: Entry): PipelineEvent {
  return { id, ...JSON.parse(fields[1] ?? '{}') } as PipelineEvent;
}
