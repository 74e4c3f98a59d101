import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../../api/serve.ts';
import {
  followStream,
  newVideo,
  openSocket,
  progressOf,
  refusalOf,
  serveStreams,
  TRANSPORTS,
  type TransportName,
  watchersOf,
  watchFollowers,
} from '../../support/stream-client.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

let deps: TestDeps;

beforeAll(async () => {
  deps = await createTestDeps();
});

afterAll(() => deps.close());

const LARGE = 'x'.repeat(500_000);
const UPGRADE =
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** A client that asks for a stream and never reads what comes. */
async function deafClient(api: RunningApi, path: string, transport: TransportName): Promise<Socket> {
  const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const upgrade = transport === 'WebSocket' ? UPGRADE : '';
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${upgrade}\r\n`);
  return socket;
}

test.each(TRANSPORTS)(
  '%s: a client that does not read is dropped, and its place is free again',
  async (name) => {
    const id = await newVideo(deps);
    const watched = watchFollowers(deps.events);
    const api = await serveStreams({ ...deps, events: watched.events }, { slowReaderMs: 200 });
    const socket = await deafClient(api, `/pipeline/stream/${id}`, name);
    await expect.poll(watched.open).toBe(1);
    // More than the kernel buffers of a connection hold.
    const pour = async () => {
      await deps.events.publish(progressOf(id, 1, LARGE));
      return watched.open();
    };
    await expect.poll(pour, { interval: 10 }).toBe(0);
    await expect.poll(() => watchersOf(api)).toBe(0);
    // Its connection is gone, so nothing of it is kept: what the kernel has taken comes, and then the end.
    socket.resume();
    await once(socket, 'close');
    await api.stop();
  },
);

test('pongs that a client does not read do not pile up without end', async () => {
  const api = await serveStreams(deps);
  const socket = await deafClient(api, `/pipeline/stream/${await newVideo(deps)}`, 'WebSocket');
  await expect.poll(() => watchersOf(api)).toBe(1);
  const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
  const pings = Buffer.concat(Array.from({ length: 2_000 }, () => ping));
  const pour = async () => {
    if (!socket.destroyed && socket.writableLength < 1_000_000) socket.write(pings);
    return watchersOf(api);
  };
  await expect.poll(pour, { interval: 10 }).toBe(0);
  socket.destroy();
  await api.stop();
});

test('200 open streams of both kinds hear an event, the 201st is refused, and a place given back is taken', async () => {
  const id = await newVideo(deps);
  const path = `/pipeline/stream/${id}`;
  const api = await serveStreams(deps);
  const streams = [];
  for (let tens = 0; tens < 20; tens += 1) {
    const name = TRANSPORTS[tens % 2] ?? 'WebSocket';
    const ten = Array.from({ length: 10 }, () => followStream(api.url, path, name));
    streams.push(...(await Promise.all(ten)));
  }
  expect(await watchersOf(api)).toBe(200);
  const refused = await fetch(`${api.url}${path}`);
  expect(await refused.json()).toMatchObject({ status: 503, code: 'streams_full' });
  expect(refused.headers.get('retry-after')).toBe('15');
  expect((await refusalOf(api.url, path)).body).toMatchObject({ status: 503, code: 'streams_full' });
  const heard = streams.map(async ({ messages }) => {
    for (;;) {
      const { value } = await messages.next();
      if (value?.type !== 'snapshot' && value?.type !== 'video.queued') return value;
    }
  });
  await deps.events.publish(progressOf(id, 7));
  for (const event of await Promise.all(heard)) expect(event).toMatchObject({ percent: 7 });
  for (const { leave } of streams.slice(0, 20)) leave();
  await expect.poll(() => watchersOf(api)).toBe(180);
  const again = openSocket(api.url, path);
  expect((await again.messages.next()).value).toMatchObject({ type: 'snapshot' });
  again.socket.terminate();
  for (const { leave } of streams) leave();
  await api.stop();
});
