import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, test } from 'vitest';
import { keyNeeded } from '../../../api/page/api.ts';
import { openStream, type Stream } from '../../../api/page/stream.ts';
import { type RunningApi, serveApi } from '../../../api/serve.ts';
import type { PipelineEvent } from '../../../domain/events.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { serveAgain } from '../../support/served-api.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps({ api: { host: '127.0.0.1', port: 0 } });
const streams: Stream[] = [];
const apis: RunningApi[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await Promise.all(apis.splice(0).map((api) => api.stop()));
});
afterAll(() => deps.close());

const TIMES = { firstRetryMs: 10, longestRetryMs: 40 };

function watch(path: string, times = {}) {
  const events: PipelineEvent[] = [];
  const seen = { current: 0, snapshots: 0 };
  const handlers = {
    onEvent: (event: PipelineEvent) => events.push(event),
    onSnapshot: () => {
      seen.snapshots += 1;
    },
    onCurrent: () => {
      seen.current += 1;
    },
  };
  const stream = openStream(path, handlers, { ...TIMES, ...times });
  streams.push(stream);
  return { stream, events, seen, kind: () => stream.state.peek().kind };
}

async function serve(changed: Partial<typeof deps> = {}): Promise<RunningApi> {
  const api = await serveApi({ ...deps, ...changed });
  apis.push(api);
  return api;
}

async function newVideo(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

test('the page comes back to an API that was away, reads all again, and misses no event and gets none twice', async () => {
  const api = await serve();
  const page = watch(`${api.url}/pipeline/stream`);
  await expect.poll(page.kind).toBe('live');
  const before = await newVideo();
  await expect.poll(() => page.events.length).toBe(1);
  await api.stop();
  await expect.poll(page.kind).toBe('lost');
  const between = await newVideo();
  apis.push(await serveAgain(deps, api.url));
  await expect.poll(() => page.events.map(({ video_id }) => video_id)).toEqual([before, between]);
  expect(page.kind()).toBe('live');
  // More when it came to the API that was about to stop.
  expect(page.seen.current).toBeGreaterThanOrEqual(2);
});

test('the stream of a video ends with its story and is not asked for again', async () => {
  const api = await serve();
  const id = await newVideo();
  const page = watch(`${api.url}/pipeline/stream/${id}`);
  await expect.poll(() => page.events.length).toBe(1);
  await deps.pool.query(`UPDATE video_queue SET status = 'cancelled', completed_at = now() WHERE id = $1`, [
    id,
  ]);
  await deps.events.publish({
    type: 'video.cancelled',
    video_id: id,
    reason: 'operator_cancel',
    stage: null,
    cost: 0,
  });
  await expect.poll(page.kind).toBe('ended');
  expect(page.events.map(({ type }) => type)).toEqual(['video.queued', 'video.cancelled']);
  expect(page.seen).toEqual({ current: 1, snapshots: 1 });
});

test('a page without a key is refused, says so, and asks for one', async () => {
  const keys = parseApiKeys(newApiKey('page', 'read').entry);
  const api = await serve({ config: { ...deps.config, access: { ...deps.config.access, keys } } });
  keyNeeded.value = false;
  const page = watch(`${api.url}/pipeline/stream`);
  await expect.poll(page.kind).toBe('refused');
  expect(keyNeeded.value).toBe(true);
});

test('a connection that shows no sign of life is given up, and the time stays at which it was live', async () => {
  let opened = 0;
  const server = createServer((_, answer) => {
    opened += 1;
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const page = watch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/pipeline/stream`, {
    silentMs: 50,
  });
  await expect.poll(() => opened).toBeGreaterThan(2);
  page.stream.close();
  server.closeAllConnections();
  server.close();
});

test('a page is told that Redis is away, and that events come again', async () => {
  let live = true;
  const events = Object.assign(Object.create(deps.events), { isLive: async () => live });
  const api = await serveApi({ ...deps, events }, { recheckMs: 20 });
  apis.push(api);
  const page = watch(`${api.url}/pipeline/stream`);
  await expect.poll(page.kind).toBe('live');
  live = false;
  await expect.poll(page.kind).toBe('late');
  live = true;
  await expect.poll(page.kind).toBe('live');
  expect(page.seen.current).toBe(2);
});
