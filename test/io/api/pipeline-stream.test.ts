import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { type Message, parseMessages } from '../../../cli/client/server-sent-events.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

async function newVideo(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

/** Reads so many events, then hangs up. */
async function read(count: number, headers: Record<string, string> = {}, opened = async () => {}) {
  const answer = await createApp(deps).request('/pipeline/stream', { headers });
  const body = answer.body as ReadableStream<Buffer> & AsyncIterable<Buffer>;
  const messages: Message[] = [];
  await opened();
  for await (const message of parseMessages(body)) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages.map(({ id, event, data }) => ({ id, event, video: JSON.parse(data).video_id }));
}

test('one stream tells of all videos, and goes on after Last-Event-ID', async () => {
  const ids: string[] = [];
  const told = await read(2, {}, async () => {
    ids.push(await newVideo(), await newVideo());
  });
  expect(told).toEqual([
    { id: expect.any(String), event: 'video.queued', video: ids[0] },
    { id: expect.any(String), event: 'video.queued', video: ids[1] },
  ]);
  const rest = await read(1, { 'last-event-id': told[0]?.id ?? '' });
  expect(rest).toEqual([told[1]]);
});

test('forty open streams read Redis over one connection', async () => {
  const connections = async () => {
    const { Redis } = await import('ioredis');
    const redis = new Redis(deps.config.redisUrl);
    const { length } = String(await redis.client('LIST'))
      .split('\n')
      .filter(
        (line) => line.includes(`name=ytempire:${deps.config.redisPrefix} `) && line.includes('cmd=xread'),
      );
    redis.disconnect();
    return length;
  };
  const before = await connections();
  const readers = Array.from({ length: 40 }, () => read(1, {}, async () => {}));
  await expect.poll(connections).toBe(before + 1);
  const id = await newVideo();
  for (const [first] of await Promise.all(readers)) expect(first).toMatchObject({ video: id });
});
