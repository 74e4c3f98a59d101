import { setTimeout as wait } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { ERROR_KINDS, type ErrorKind } from '../domain/errors.ts';
import { endsStream, type NewEvent, type PipelineEvent } from '../domain/events.ts';
import type { Config } from './config.ts';
import { createEventReader, type EventReader, parseEntry } from './event-reader.ts';
import type { Logger } from './logger.ts';

/** Events of videos for whoever watches. Losing Redis loses events only, never a video and no money. */
export interface EventStream {
  /** Writes the event and tells the channels of design §7. Never throws, never waits over 200 ms. */
  publish(event: NewEvent): Promise<void>;
  /** Events of a video after the given event id, oldest first; none while Redis is away. */
  past(videoId: string, afterId?: string): Promise<PipelineEvent[]>;
  /**
   * Past events after `afterId` ('0' = all), then live ones, all over one connection of this process, until the
   * signal aborts: of one video, or of all for null.
   */
  follow(videoId: string | null, afterId: string, signal: AbortSignal): AsyncIterable<PipelineEvent>;
  /** False when Redis has given no answer twice, half a second apart: nothing live comes until it is back. */
  isLive(): Promise<boolean>;
  /** Events that were dropped since the start. */
  dropped(): number;
  close(): Promise<void>;
}

const COMMAND_TIMEOUT_MS = 200;
const RECONNECT_MS = 500;
const KEPT_EVENTS = 1_000;
const KEPT_OF_ALL = 10_000;
const KEPT_AFTER_END_S = 24 * 3600;
const FROM_START = '0';
const BEGINS_ANEW = 'anew';
const ALERTS = 'pipeline:alert.critical';

/** Opens the connection in the background; a Redis that is away is logged once per outage and tried again. */
export function createEventStream(config: Config, log: Logger): EventStream {
  const redis = connect(config, { commandTimeout: COMMAND_TIMEOUT_MS, enableOfflineQueue: false });
  const outage = watchOutage(redis, log);
  const reader = createEventReader(() => openReader(config), `${config.redisPrefix}events`);
  const keyOf = (videoId: string | null) =>
    `${config.redisPrefix}events${videoId === null ? '' : `:${videoId}`}`;
  return {
    publish: async (event) => {
      try {
        await outage.firstAttempt;
        await withinTimeout(write(redis, config.redisPrefix, keyOf(event.video_id), event));
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
function watchOutage(redis: Redis, log: Logger) {
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
  const firstAttempt = withinTimeout(
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

/**
 * Under the same id in the stream of all events and in the video's own, where there is one, so that a reader may change over. Progress
 * is never less than what was told before: of two stages side by side neither knows how far the other is.
 */
const WRITE = `local progress = tonumber(ARGV[4])
if progress then
  progress = tostring(math.max(progress, tonumber(redis.call('GET', KEYS[3]) or '0')))
  redis.call('SET', KEYS[3], progress, 'EX', ARGV[5])
elseif ARGV[4] == '${BEGINS_ANEW}' then redis.call('DEL', KEYS[3]) end
local function told(text)
  return progress and (string.gsub(text, '"progress":[%d.]+', '"progress":' .. progress, 1)) or text
end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'e', told(ARGV[3]))
for i = 6, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], told(ARGV[i + 1])) end
if KEYS[2] == KEYS[1] then return id end
return redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], id, 'e', told(ARGV[3]))`;

/** A retry and a mend make stages again, so that progress starts lower. */
function progressOf(event: NewEvent): string {
  if ('progress' in event) return String(event.progress);
  return event.type === 'video.queued' || event.type === 'quality.failed' ? BEGINS_ANEW : '';
}

async function write(redis: Redis, prefix: string, key: string, event: NewEvent): Promise<void> {
  const at = new Date().toISOString();
  const batch = redis.pipeline();
  const messages = channelMessages(event, at).flatMap(({ channel, body }) => [
    prefix + channel,
    JSON.stringify(body),
  ]);
  const keys = [`${prefix}events`, key, `${key}:progress`];
  const text = JSON.stringify({ ...event, at });
  const values = [KEPT_OF_ALL, KEPT_EVENTS, text, progressOf(event), KEPT_AFTER_END_S, ...messages];
  batch.eval(WRITE, keys.length, ...keys, ...values);
  // A retried video starts a new story in the same stream, which must not expire under it.
  if (event.type === 'video.queued') batch.persist(key);
  if (endsStream(event.type) || isLate(event)) batch.expire(key, KEPT_AFTER_END_S);
  const replies = (await batch.exec()) ?? [];
  for (const [error] of replies) if (error) throw error;
}

/** The stream that it goes to may have expired long ago. */
function isLate(event: NewEvent): boolean {
  return event.type === 'cost.alert' && event.level === 'late_charge';
}

interface ChannelMessage {
  channel: string;
  body: object;
}

/** What other listeners are told on the channels of the seed; most events have none. */
function channelMessages(event: NewEvent, timestamp: string): ChannelMessage[] {
  if (event.type === 'cost.alert') return costAlerts(event, timestamp);
  const message = channelMessage(event, timestamp);
  return message ? [message] : [];
}

/** An operator hears of money on either channel. */
function costAlerts(
  { video_id, level, cost, stage = null }: Extract<NewEvent, { type: 'cost.alert' }>,
  timestamp: string,
): ChannelMessage[] {
  const severity = level === 'warning' ? 'high' : 'critical';
  const error = `cost ${level}: $${cost}`;
  return [
    { channel: 'alerts:cost', body: { video_id, level, cost, timestamp } },
    { channel: ALERTS, body: { severity, video_id, stage, error, timestamp } },
  ];
}

function channelMessage(event: NewEvent, timestamp: string): ChannelMessage | null {
  const { video_id } = event;
  switch (event.type) {
    case 'stage.started':
    case 'stage.progress':
    case 'stage.completed': {
      const { stage, progress } = event;
      return { channel: 'pipeline:progress', body: { video_id, stage, progress, timestamp } };
    }
    case 'video.completed': {
      const { cost, title, duration_ms } = event;
      return {
        channel: 'pipeline:video.completed',
        body: { video_id, cost, metadata: { title, duration_ms } },
      };
    }
    case 'stage.failed': {
      const { stage, kind, message } = event;
      const severity = ERROR_KINDS[kind as ErrorKind]?.severity ?? 'bug';
      if (severity !== 'critical' && severity !== 'bug') return null;
      return { channel: ALERTS, body: { severity, video_id, stage, error: message, timestamp } };
    }
    case 'stage.alert': {
      const { stage, severity, message: error } = event;
      return { channel: ALERTS, body: { severity, video_id, stage, error, timestamp } };
    }
    case 'disk.low': {
      const error = `only ${event.free_mb} MB of ${event.floor_mb} MB are free on machine ${event.machine}: it takes no more videos`;
      return { channel: ALERTS, body: { severity: 'critical', video_id, stage: null, error, timestamp } };
    }
    case 'lane.down': {
      const error = `lane ${event.lane} of machine ${event.machine} takes no work: ${event.reason}`;
      return { channel: ALERTS, body: { severity: 'critical', video_id, stage: null, error, timestamp } };
    }
    case 'provider.closed': {
      const error = `${event.provider} is closed: ${event.reason}`;
      return { channel: ALERTS, body: { severity: 'critical', video_id, stage: null, error, timestamp } };
    }
    default:
      return null;
  }
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

async function withinTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${COMMAND_TIMEOUT_MS} ms`)),
      COMMAND_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
