import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../../api/serve.ts';
import type { StreamMessage } from '../../../api/streams/message.ts';
import { endRow, publishAll } from '../../support/scripted-video.ts';
import {
  completionOf,
  followStream,
  newVideo,
  openSocket,
  progressOf,
  serveStreams,
  TRANSPORTS,
} from '../../support/stream-client.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

let deps: TestDeps;
let api: RunningApi;
/** Looks at the rows all the time. */
let brisk: RunningApi;

beforeAll(async () => {
  deps = await createTestDeps();
  api = await serveStreams(deps);
  brisk = await serveStreams(deps, { recheckMs: 30 });
});

afterAll(async () => {
  await Promise.all([api.stop(), brisk.stop()]);
  await deps.close();
});

const pathOf = (id: string) => `/pipeline/stream/${id}`;

async function all(messages: AsyncIterable<StreamMessage>): Promise<StreamMessage[]> {
  const list: StreamMessage[] = [];
  for await (const message of messages) list.push(message);
  return list;
}

/** The expected end moves with the clock. */
const still = (messages: StreamMessage[]) =>
  messages.map((message) => (message.type === 'snapshot' ? { ...message, eta: null } : message));

async function complete(id: string): Promise<void> {
  await endRow(deps, id, { status: 'completed', cost: '0.100000' });
  await deps.events.publish(completionOf(id));
}

test('both transports tell the same: the row, what happened, what happens, the end', async () => {
  const id = await newVideo(deps);
  await publishAll(deps, [progressOf(id, 1)]);
  const opened = await Promise.all(TRANSPORTS.map((name) => followStream(api.url, pathOf(id), name)));
  const reading = opened.map(({ messages }) => all(messages));
  await publishAll(deps, [progressOf(id, 2)]);
  await complete(id);
  const [events = [], frames = []] = await Promise.all(reading);
  expect(still(frames)).toEqual(still(events));
  expect(frames.map(({ type }) => type)).toEqual([
    'snapshot',
    'video.queued',
    'stage.progress',
    'stage.progress',
    'video.completed',
  ]);
  expect(frames[0]).toMatchObject({ video_id: id, status: 'queued', links: { stream: pathOf(id) } });
});

test('a WebSocket is closed with 1000 when its video ends, from the row too', async () => {
  const id = await newVideo(deps);
  const { messages, closed } = openSocket(brisk.url, pathOf(id));
  const reading = all(messages);
  await messages.next();
  await endRow(deps, id, { status: 'cancelled', reason: 'cost_limit', cost: '3.000000' });
  expect(await closed).toBe(1000);
  expect((await reading).at(-1)).toMatchObject({ type: 'snapshot', status: 'cancelled', actual_cost: 3 });
});

test.each(TRANSPORTS)('%s of all videos tells what happens from now on', async (name) => {
  const following = await followStream(api.url, '/pipeline/stream', name);
  const id = await newVideo(deps);
  expect((await following.messages.next()).value).toMatchObject({ type: 'video.queued', video_id: id });
  following.leave();
});

test.each(TRANSPORTS)('%s that breaks goes on after last_event_id, without gap or double', async (name) => {
  const id = await newVideo(deps);
  const total = 120;
  const publishing = (async () => {
    for (let percent = 1; percent <= total; percent += 1) await deps.events.publish(progressOf(id, percent));
    await complete(id);
  })();
  const seen: number[] = [];
  let lastId = '';
  for (let ended = false; !ended; ) {
    const following = await followStream(api.url, `${pathOf(id)}?last_event_id=${lastId}`, name);
    let count = 0;
    for await (const message of following.messages) {
      if (message.type === 'stage.progress') seen.push(message.percent);
      if ('id' in message) lastId = message.id;
      ended = message.type === 'video.completed';
      count += 1;
      if (count > 20) break;
    }
    following.leave();
  }
  await publishing;
  expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
});

test('the header is newer than the query, and what is no id of an event counts as none', async () => {
  const id = await newVideo(deps);
  await publishAll(deps, [progressOf(id, 1), progressOf(id, 2)]);
  await complete(id);
  const story = await all(openSocket(api.url, pathOf(id)).messages);
  const [, , first = story[0], second] = story;
  if (!first || !second || !('id' in first) || !('id' in second)) throw new Error('no events');
  const header = openSocket(api.url, `${pathOf(id)}?last_event_id=${first.id}`, {
    headers: { 'last-event-id': second.id },
  });
  expect((await all(header.messages)).slice(1)).toEqual(story.slice(4));
  const forged = openSocket(api.url, `${pathOf(id)}?last_event_id=$%20nonsense`);
  expect(await all(forged.messages)).toHaveLength(story.length);
});

test('what a client sends is ignored, and a large frame ends its stream with 1009', async () => {
  const { socket, closed, messages } = openSocket(api.url, pathOf(await newVideo(deps)));
  await messages.next();
  socket.send('{"type":"cancel"}');
  expect((await messages.next()).value).toMatchObject({ type: 'video.queued' });
  socket.send('a'.repeat(2_000));
  expect(await closed).toBe(1009);
});

test('a WebSocket whose client does not answer pings is cut off, one that answers stays', async () => {
  const path = pathOf(await newVideo(deps));
  const silent = openSocket(brisk.url, path, { autoPong: false });
  const lively = openSocket(brisk.url, path);
  let pings = 0;
  lively.socket.on('ping', () => {
    pings += 1;
  });
  expect(await silent.closed).toBe(1006);
  await expect.poll(() => pings).toBeGreaterThan(4);
  expect(lively.socket.readyState).toBe(lively.socket.OPEN);
  lively.socket.terminate();
});

test('a stop of the API closes WebSockets with 1001, and cuts off a client that does not answer', async () => {
  const stopping = await serveStreams(deps);
  const { closed, messages } = openSocket(stopping.url, pathOf(await newVideo(deps)));
  await messages.next();
  const mute = openSocket(stopping.url, '/pipeline/stream');
  await new Promise((resolve) => mute.socket.once('open', resolve));
  mute.socket.pause();
  await stopping.stop();
  expect(await closed).toBe(1001);
});
