import { setTimeout as wait } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { NewEvent, PipelineEvent } from '../../domain/events.ts';
import { answerWithin } from '../answer-within.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings/config.ts';
import { createEventReader, type EventReader, parseEntry } from './event-reader.ts';
import { forgetEvents } from './forget-events.ts';
import { writeEvent } from './write-event.ts';

/** Events of videos for whoever watches. Losing Redis loses events only, never a video and no money. */
export interface EventStream {
  /** Writes the event and tells the channels of design §7. Never throws, never waits over `eventAnswerMs`. */
  publish(event: NewEvent): Promise<void>;
  /** Events of a video after the given event id, oldest first; none while Redis is away. */
  past(videoId: string, afterId?: string): Promise<PipelineEvent[]>;
  /**
   * Past events after `afterId` ('0' = all), then live ones, all over one connection of this process, until the
   * signal aborts: of one video, or of all for null.
   */
  follow(videoId: string | null, afterId: string, signal: AbortSignal): AsyncIterable<PipelineEvent>;
  /** Removes what was said of a video, also from the stream of all. Never throws: without Redis it expires. */
  forget(videoId: string): Promise<void>;
  /** False when Redis has given no answer twice, half a second apart: nothing live comes until it is back. */
  isLive(): Promise<boolean>;
  /** Events that were dropped since the start. */
  dropped(): number;
  close(): Promise<void>;
}

const RECONNECT_MS = 500;
const FROM_START = '0';

/** Opens the connection in the background; a Redis that is away is logged once per outage and tried again. */
export function createEventStream(config: Config, log: Logger): EventStream {
  const answerMs = config.times.eventAnswerMs;
  const redis = connect(config, { commandTimeout: answerMs, enableOfflineQueue: false });
  const outage = watchOutage(redis, log, answerMs);
  const reader = createEventReader(() => openReader(config), `${config.redisPrefix}events`);
  const keyOf = (videoId: string | null) =>
    `${config.redisPrefix}events${videoId === null ? '' : `:${videoId}`}`;
  return {
    publish: async (event) => {
      try {
        await outage.firstAttempt;
        await answerWithin(answerMs, () =>
          writeEvent(redis, config.redisPrefix, keyOf(event.video_id), event),
        );
      } catch (error) {
        outage.drop(error);
      }
    },
    past: async (videoId, afterId = FROM_START) => {
      try {
        await outage.firstAttempt;
        const entries = await redis.xrange(keyOf(videoId), `(${afterId || FROM_START}`, '+');
        return entries.map(parseEntry);
      } catch (error) {
        log.warn({ err: error, video_id: videoId }, 'past events are unavailable');
        return [];
      }
    },
    follow: (videoId, afterId, signal) =>
      follow(reader, redis, { videoId, key: keyOf(videoId), afterId: afterId || FROM_START }, signal),
    forget: async (videoId) => {
      try {
        await outage.firstAttempt;
        await forgetEvents(redis, { all: keyOf(null), own: keyOf(videoId) }, videoId);
      } catch (error) {
        log.warn({ err: error, video_id: videoId }, 'its events stay until they expire');
      }
    },
    isLive: async () => {
      await outage.firstAttempt;
      return (await answers(redis)) || wait(RECONNECT_MS).then(() => answers(redis));
    },
    dropped: () => outage.dropped(),
    close: async () => redis.disconnect(),
  };
}

function connect(config: Config, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  return new Redis(config.redisUrl, {
    protocol: 2,
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    retryStrategy: () => RECONNECT_MS,
    // Shows in CLIENT LIST whose it is.
    connectionName: `ytempire:${config.redisPrefix}`,
    ...options,
  });
}

function answers(redis: Redis): Promise<boolean> {
  return redis.ping().then(
    () => true,
    () => false,
  );
}

/** Counts dropped events; says once when an outage begins and once when it is over. */
function watchOutage(redis: Redis, log: Logger, answerMs: number) {
  let away = false;
  let dropped = 0;
  const begin = (error: unknown) => {
    if (!away) log.warn({ err: error }, 'Redis is away: events are dropped until it is back');
    away = true;
  };
  redis.on('error', begin);
  redis.on('ready', () => {
    if (away) log.info({ dropped }, 'Redis is back');
    away = false;
  });
  // Without this the events of a process's first milliseconds would find no connection yet.
  const firstAttempt = answerWithin(
    answerMs,
    () =>
      new Promise<void>((resolve) => {
        for (const name of ['ready', 'error', 'close']) redis.once(name, () => resolve());
      }),
  ).catch(() => undefined);
  return {
    firstAttempt,
    dropped: () => dropped,
    drop: (error: unknown) => {
      dropped += 1;
      begin(error);
    },
  };
}

function openReader(config: Config): Redis {
  const redis = connect(config, { maxRetriesPerRequest: null });
  // ioredis reconnects by itself and sends the blocked read again.
  redis.on('error', () => undefined);
  return redis;
}

async function* follow(
  reader: EventReader,
  redis: Redis,
  { videoId, key, afterId }: { videoId: string | null; key: string; afterId: string },
  signal: AbortSignal,
): AsyncGenerator<PipelineEvent> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const aborted = new Promise<void>((resolve) => either.addEventListener('abort', () => resolve()));
  try {
    if (either.aborted) return;
    const { ready, events } = reader.subscribe(videoId, either);
    await Promise.race([ready, aborted]);
    let last = afterId;
    for (const entry of await pastOnceLive(redis, key, afterId, either)) {
      if (either.aborted) return;
      last = entry[0];
      yield parseEntry(entry);
    }
    for await (const event of events) if (isLater(event.id, last)) yield event;
  } finally {
    left.abort();
  }
}

/** The connection that reads live events may be back before this one. None when the signal aborts. */
async function pastOnceLive(redis: Redis, key: string, afterId: string, signal: AbortSignal) {
  while (!signal.aborted) {
    const entries = await redis.xrange(key, `(${afterId}`, '+').catch(() => null);
    if (entries) return entries;
    await wait(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
  }
  return [];
}

function isLater(id: string, than: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number);
  const [thanMs = 0, thanN = 0] = than.split('-').map(Number);
  return ms > thanMs || (ms === thanMs && n > thanN);
}
