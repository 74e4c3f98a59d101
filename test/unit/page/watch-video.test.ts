import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Video } from '../../../api/page/video/video-answers.ts';
import { WatchedVideo } from '../../../api/page/video/watch-video.ts';
import type { EventFields, EventType } from '../../../domain/events.ts';
import { anEvent, aVideo, VIDEO_ID } from './samples.ts';

/** Readings of the row and streams that wait for the test's answer, oldest first. */
const readings: ServerResponse[] = [];
const streams: ServerResponse[] = [];
const server = createServer((request, response) => {
  if (request.url?.startsWith('/costs/')) response.end('{"stages":[],"breakdown":{}}');
  else if (request.url?.startsWith('/pipeline/stream/')) {
    response.flushHeaders();
    streams.push(response);
  } else readings.push(response);
});
let watched: WatchedVideo;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { fetch } = globalThis;
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A browser knows whose page it is; Node wants the whole address.
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => fetch(`${base}${path}`, init));
});
afterEach(() => watched.close());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function next(waiting: ServerResponse[]): Promise<ServerResponse> {
  await expect.poll(() => waiting.length).toBeGreaterThan(0);
  return waiting.shift() as ServerResponse;
}

async function answer(status: Video['status']): Promise<void> {
  (await next(readings)).end(JSON.stringify(aVideo({ status })));
}

function tell<T extends EventType>(stream: ServerResponse, type: T, fields: EventFields[T]): void {
  stream.write(`data: ${JSON.stringify(anEvent(type, fields))}\n\n`);
}

const END = { cost: 1, title: '', duration_ms: 1 };
const shown = () => watched.video.value?.status;

test('a reading that crosses with the last event does not hide the end', async () => {
  watched = new WatchedVideo(VIDEO_ID);
  await answer('processing');
  const stream = await next(streams);
  await answer('processing');
  tell(stream, 'provider.opened', { provider: 'openai' });
  const early = await next(readings);
  tell(stream, 'video.completed', END);
  const late = await next(readings);
  early.end(JSON.stringify(aVideo({ status: 'processing', priority: 9 })));
  await expect.poll(() => watched.video.value?.priority).toBe(9);
  late.end(JSON.stringify(aVideo({ status: 'completed' })));
  stream.end();
  const again = answer('completed').catch(() => undefined);
  await expect.poll(shown).toBe('completed');
  await again;
});

test('a page of an ended video that is looked at again comes to know of a retry', async () => {
  watched = new WatchedVideo(VIDEO_ID);
  await answer('failed');
  const stream = await next(streams);
  await answer('failed');
  tell(stream, 'video.failed', { reason: 'bug', stage: null, message: '', cost: 0 });
  stream.end();
  await answer('failed');
  await expect.poll(() => watched.stream.value?.state.value.kind).toBe('ended');
  watched.lookAgain();
  await answer('processing');
  await next(streams);
  await expect.poll(shown).toBe('processing');
  watched.lookAgain();
  await answer('processing');
});

test('a video that somebody has made again is followed anew', async () => {
  watched = new WatchedVideo(VIDEO_ID);
  await answer('cancelled');
  const stream = await next(streams);
  await answer('cancelled');
  tell(stream, 'video.cancelled', { reason: 'operator_cancel', stage: null, cost: 0 });
  stream.end();
  await answer('cancelled');
  await expect.poll(() => watched.stream.value?.state.value.kind).toBe('ended');
  watched.put(aVideo({ status: 'cancelled' }));
  await answer('queued');
  const anew = await next(streams);
  tell(anew, 'video.completed', END);
  await answer('completed');
  await expect.poll(shown).toBe('completed');
});
