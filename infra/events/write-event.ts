import type { Redis } from 'ioredis';
import { endsStream, type NewEvent } from '../../domain/events.ts';
import { channelMessages } from './channels.ts';

const KEPT_EVENTS = 1_000;
const KEPT_OF_ALL = 10_000;
const KEPT_AFTER_END_S = 24 * 3600;
const BEGINS_ANEW = 'anew';

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

/** Writes an event to the streams and channels in one round trip. Throws what Redis answers. */
export async function writeEvent(redis: Redis, prefix: string, key: string, event: NewEvent): Promise<void> {
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
