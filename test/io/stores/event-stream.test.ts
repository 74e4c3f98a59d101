import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import type { NewEvent, PipelineEvent } from '../../../domain/events.ts';
import { createEventStream } from '../../../infra/events/event-stream.ts';
import { testConfig, testLogger } from '../../support/test-deps.ts';

const config = await testConfig();
const stream = createEventStream(config, testLogger());
const redis = new Redis(config.redisUrl);

afterAll(async () => {
  const keys = await redis.keys(`${config.redisPrefix}*`);
  if (keys.length > 0) await redis.del(keys);
  redis.disconnect();
  await stream.close();
});

const progress = (video_id: string, percent: number): NewEvent => ({
  type: 'stage.progress',
  video_id,
  stage: 'video_rendering',
  percent,
  progress: percent,
});

test('the very first event of a process is not lost to a connection that is still opening', async () => {
  const fresh = createEventStream(config, testLogger());
  await fresh.publish(progress('first', 1));
  expect(await fresh.past('first')).toMatchObject([{ type: 'stage.progress', percent: 1 }]);
  await fresh.close();
});

test('a follower sees what was there and what comes, in order, without a gap', async () => {
  for (let percent = 0; percent < 50; percent += 1) await stream.publish(progress('a', percent));
  const past = await stream.past('a');
  expect(past.map((event) => 'percent' in event && event.percent)).toEqual([...Array(50).keys()]);

  const seen: PipelineEvent[] = [];
  const abort = new AbortController();
  const following = (async () => {
    for await (const event of stream.follow('a', past[9]?.id ?? '', abort.signal)) {
      seen.push(event);
      if (seen.length === 90) abort.abort();
    }
  })();
  for (let percent = 50; percent < 100; percent += 1) await stream.publish(progress('a', percent));
  await following;
  expect(seen.map((event) => 'percent' in event && event.percent)).toEqual(
    Array.from({ length: 90 }, (_, index) => index + 10),
  );
  expect(await stream.past('a', seen[88]?.id)).toHaveLength(1);
});

test('a follower of a silent video ends at once when it is told to', async () => {
  const abort = new AbortController();
  const following = stream.follow('silent', '', abort.signal)[Symbol.asyncIterator]().next();
  abort.abort();
  expect(await following).toEqual({ done: true, value: undefined });
});

test('the channels of other listeners get what they were promised', async () => {
  const heard: [string, unknown][] = [];
  const listener = new Redis(config.redisUrl);
  await listener.psubscribe(`${config.redisPrefix}*`);
  const done = new Promise<void>((resolve) => {
    listener.on('pmessage', (_, channel, message) => {
      heard.push([channel.slice(config.redisPrefix.length), JSON.parse(message)]);
      if (heard.length === 5) resolve();
    });
  });
  await stream.publish(progress('b', 40));
  await stream.publish({ type: 'cost.alert', video_id: 'b', level: 'warning', cost: 2.5 });
  const failed = {
    type: 'stage.failed',
    video_id: 'b',
    stage: 'video_rendering',
    attempt: 1,
    next: 'x',
  } as const;
  await stream.publish({ ...failed, kind: 'timeout', message: 'late' });
  await stream.publish({ ...failed, kind: 'gpu_out_of_memory', message: 'full' });
  await stream.publish({ type: 'video.completed', video_id: 'b', cost: 1.5, title: 'T', duration_ms: 9 });
  await done;
  listener.disconnect();
  const timestamp = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(heard).toEqual([
    ['pipeline:progress', { video_id: 'b', stage: 'video_rendering', progress: 40, timestamp }],
    ['alerts:cost', { video_id: 'b', level: 'warning', cost: 2.5, timestamp }],
    [
      'pipeline:alert.critical',
      { severity: 'high', video_id: 'b', stage: null, error: 'cost warning: $2.5', timestamp },
    ],
    [
      'pipeline:alert.critical',
      { severity: 'critical', video_id: 'b', stage: 'video_rendering', error: 'full', timestamp },
    ],
    ['pipeline:video.completed', { video_id: 'b', cost: 1.5, metadata: { title: 'T', duration_ms: 9 } }],
  ]);
});

test('a stream expires a day after its final event, unless the video is queued again', async () => {
  const key = `${config.redisPrefix}events:c`;
  await stream.publish({ type: 'video.cancelled', video_id: 'c', reason: 'x', stage: null, cost: 0 });
  expect(await redis.ttl(key)).toBeGreaterThan(86_000);
  await stream.publish({ type: 'video.queued', video_id: 'c', position: 1, estimated_cost: 2 });
  expect(await redis.ttl(key)).toBe(-1);
});

test('publishing returns quickly and without an error while Redis is away', async () => {
  const away = createEventStream({ ...config, redisUrl: 'redis://127.0.0.1:1' }, testLogger());
  const startedAt = performance.now();
  await away.publish(progress('d', 1));
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  const secondAt = performance.now();
  for (let index = 0; index < 100; index += 1) await away.publish(progress('d', index));
  expect(performance.now() - secondAt).toBeLessThan(2_000);
  expect(await away.past('d')).toEqual([]);
  expect(away.dropped()).toBe(101);
  await away.close();
});

test('progress never steps back, whichever of two stages tells it, until stages are made again', async () => {
  const told: string[] = [];
  const listener = new Redis(config.redisUrl);
  await listener.subscribe(`${config.redisPrefix}pipeline:progress`);
  listener.on('message', (_, text) => told.push(text));
  const other = createEventStream(config, testLogger());
  await stream.publish(progress('c', 10.1));
  await other.publish(progress('c', 7));
  await stream.publish(progress('c', 12.5));
  const restart = {
    type: 'quality.failed',
    video_id: 'c',
    checks: 'black',
    mend: 'video_rendering',
  } as const;
  await other.publish(restart);
  await stream.publish(progress('c', 3));
  const events = await stream.past('c');
  expect(events.flatMap((event) => ('progress' in event ? [event.progress] : []))).toEqual([
    10.1, 10.1, 12.5, 3,
  ]);
  await expect.poll(() => told.length).toBe(4);
  expect(told.map((text) => JSON.parse(text).progress)).toEqual([10.1, 10.1, 12.5, 3]);
  listener.disconnect();
  await other.close();
});
