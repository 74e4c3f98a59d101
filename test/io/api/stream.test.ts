import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiDeps, createApp } from '../../../api/app.ts';
import { type Message, parseMessages } from '../../../cli/client/server-sent-events.ts';
import type { NewEvent } from '../../../domain/events.ts';
import { createEventStream } from '../../../infra/events/event-stream.ts';
import { endRow, publishAll } from '../../support/scripted-video.ts';
import {
  completionOf,
  newVideo,
  progressOf,
  serveStreams,
  watchersOf,
  watchFollowers,
} from '../../support/stream-client.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

let deps: TestDeps;

beforeAll(async () => {
  deps = await createTestDeps();
});

afterAll(() => deps.close());

const COMPLETED = { status: 'completed', cost: '0.100000' } as const;

async function open(videoId: string, given: Partial<ApiDeps> = {}, headers: Record<string, string> = {}) {
  const app = createApp({ ...deps, ...given });
  const answer = await app.request(`/pipeline/stream/${videoId}`, { headers });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  return answer.body as ReadableStream<Buffer> & AsyncIterable<Buffer>;
}

async function readAll(body: AsyncIterable<Buffer>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of parseMessages(body)) messages.push(message);
  return messages;
}

const typesOf = (messages: Message[]) => messages.map(({ event }) => event);

test('tells the row first, then what happened, then what happens, and ends after the last event', async () => {
  const id = await newVideo(deps);
  await publishAll(deps, [progressOf(id, 1)]);
  const body = await open(id);
  const reading = readAll(body);
  await publishAll(deps, [progressOf(id, 2)]);
  await endRow(deps, id, COMPLETED);
  await publishAll(deps, [completionOf(id), progressOf(id, 3)]);
  const messages = await reading;
  expect(typesOf(messages)).toEqual([
    'snapshot',
    'video.queued',
    'stage.progress',
    'stage.progress',
    'video.completed',
  ]);
  const [snapshot, , first] = messages.map(({ data }) => JSON.parse(data));
  expect(snapshot).toMatchObject({
    video_id: id,
    status: 'queued',
    links: { stream: `/pipeline/stream/${id}` },
  });
  expect(first).toMatchObject({ id: messages[2]?.id, video_id: id, percent: 1, at: expect.any(String) });
});

test('neither loses nor doubles an event that is published while a client connects', async () => {
  const id = await newVideo(deps);
  const total = 200;
  const publishing = (async () => {
    for (let percent = 1; percent <= total; percent += 1) await deps.events.publish(progressOf(id, percent));
    await endRow(deps, id, COMPLETED);
    await deps.events.publish(completionOf(id));
  })();
  const readers: Promise<Message[]>[] = [];
  for (let i = 0; i < 8; i += 1) {
    readers.push(open(id).then(readAll));
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  }
  await publishing;
  const wanted = Array.from({ length: total }, (_, i) => i + 1);
  for (const messages of await Promise.all(readers)) {
    const seen = messages
      .filter(({ event }) => event === 'stage.progress')
      .map(({ data }) => JSON.parse(data).percent);
    expect(seen).toEqual(wanted);
  }
});

test('goes on after Last-Event-ID', async () => {
  const id = await newVideo(deps);
  await publishAll(deps, [progressOf(id, 1), progressOf(id, 2), completionOf(id)]);
  await endRow(deps, id, COMPLETED);
  const all = await readAll(await open(id));
  const rest = await readAll(await open(id, {}, { 'last-event-id': all[2]?.id ?? '' }));
  expect(rest.slice(1)).toEqual(all.slice(3));
  const forged = await readAll(await open(id, {}, { 'last-event-id': '$ nonsense' }));
  expect(typesOf(forged)).toEqual(typesOf(all));
});

test('shows that it lives, and a row that has changed without an event', async () => {
  const id = await newVideo(deps);
  const body = await open(id, { recheckMs: 30 });
  const decoder = new TextDecoder();
  let text = '';
  let changed = false;
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (!changed && text.includes(': alive\n\n')) {
      changed = true;
      await deps.pool.query(`UPDATE video_queue SET progress = 42 WHERE id = $1`, [id]);
    }
    if (/event: snapshot\ndata: .*"progress":42/.test(text)) break;
  }
  expect(changed).toBe(true);
});

test('ends from the row when the last event never came', async () => {
  const id = await newVideo(deps);
  const reading = readAll(await open(id, { recheckMs: 30 }));
  await endRow(deps, id, { status: 'cancelled', reason: 'cost_limit', cost: '3.000000' });
  const last = (await reading).at(-1);
  expect(last?.event).toBe('snapshot');
  expect(JSON.parse(last?.data ?? '')).toMatchObject({
    status: 'cancelled',
    reason: 'cost_limit',
    actual_cost: 3,
  });
});

test('waits for the last event of a video whose row has just ended', async () => {
  const id = await newVideo(deps);
  await endRow(deps, id, { status: 'completed', cost: '0.100000' });
  const reading = readAll(await open(id));
  await deps.events.publish(completionOf(id));
  expect(typesOf(await reading).at(-1)).toBe('video.completed');
});

test('the last event of an earlier generation does not end the stream of a retried video', async () => {
  const id = await newVideo(deps);
  const queued: NewEvent = { type: 'video.queued', video_id: id, position: 1, estimated_cost: 2 };
  await publishAll(deps, [completionOf(id)]);
  const early = readAll(await open(id));
  await publishAll(deps, [queued, progressOf(id, 1)]);
  const late = readAll(await open(id));
  await endRow(deps, id, COMPLETED);
  await publishAll(deps, [completionOf(id)]);
  const story = ['video.queued', 'video.completed', 'video.queued', 'stage.progress', 'video.completed'];
  expect(typesOf(await early)).toEqual(['snapshot', ...story]);
  expect(typesOf(await late)).toEqual(['snapshot', ...story]);
  const afterwards = await readAll(await open(id));
  expect(typesOf(afterwards)).toEqual(['snapshot', ...story]);
});

test('without Redis it tells the row and ends from it', async () => {
  const id = await newVideo(deps);
  const events = createEventStream({ ...deps.config, redisUrl: 'redis://127.0.0.1:1' }, deps.log);
  const reading = readAll(await open(id, { events, recheckMs: 30 }));
  await endRow(deps, id, { status: 'failed', reason: 'quality', cost: '0.000000' });
  const told = (await reading).map(({ data }) => JSON.parse(data));
  expect(told.filter(({ type }) => type === 'live')).toEqual([{ type: 'live', live: false }]);
  expect(told.filter(({ type }) => type === 'snapshot').map(({ status }) => status)).toEqual([
    'queued',
    'failed',
  ]);
  await events.close();
});

test('a client that goes away ends the reading of Redis, and no watcher is counted any more', async () => {
  const id = await newVideo(deps);
  const watched = watchFollowers(deps.events);
  const api = await serveStreams({ ...deps, events: watched.events });
  const leave = new AbortController();
  const answer = await fetch(`${api.url}/pipeline/stream/${id}`, { signal: leave.signal });
  expect(answer.status).toBe(200);
  await expect.poll(() => watched.open()).toBe(1);
  expect(await watchersOf(api)).toBe(1);
  leave.abort();
  await expect.poll(() => watched.open()).toBe(0);
  await expect.poll(() => watchersOf(api)).toBe(0);
  await api.stop();
});

test('a stop of the API ends the open streams', async () => {
  const id = await newVideo(deps);
  const api = await serveStreams(deps);
  const answer = await fetch(`${api.url}/pipeline/stream/${id}`);
  const reading = readAll(answer.body as AsyncIterable<Buffer>);
  await api.stop();
  // Reading a stream that was cut instead would be an error.
  expect(typesOf(await reading)).toContain('snapshot');
});
