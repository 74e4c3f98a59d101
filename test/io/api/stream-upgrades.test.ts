import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../../api/serve.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { newVideo, openSocket, refusalOf, serveStreams, watchersOf } from '../../support/stream-client.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const READER = newApiKey('page', 'read');
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const SENDER = newApiKey('sender', 'submit');

let deps: TestDeps;
let open: RunningApi;
let locked: RunningApi;
let path: string;

beforeAll(async () => {
  deps = await createTestDeps();
  open = await serveStreams(deps);
  locked = await serveStreams(deps, {}, { keys: parseApiKeys(`${READER.entry},${SENDER.entry}`) });
  path = `/pipeline/stream/${await newVideo(deps)}`;
});

afterAll(async () => {
  await Promise.all([open.stop(), locked.stop()]);
  await deps.close();
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function cookieFor(key: string): Promise<string> {
  const answer = await fetch(`${locked.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test('an upgrade passes the guards of every other call, and is refused with the same answers', async () => {
  const cookie = await cookieFor(READER.key);
  const refused = async (api: RunningApi, at: string, headers: Record<string, string> = {}) => {
    const { status, type, body, answer } = await refusalOf(api.url, at, headers);
    expect([type, body.status]).toEqual(['application/problem+json', status]);
    expect(answer.headers['x-request-id']).toMatch(/^[\w-]+$/);
    return body.code;
  };
  expect(await refused(open, path, { host: 'rebound.example' })).toBe('foreign_host');
  expect(await refused(open, path, { origin: 'http://evil.example' })).toBe('foreign_origin');
  expect(await refused(open, `/pipeline/stream/${randomUUID()}`)).toBe('video_not_found');
  expect(await refused(open, '/pipeline/stream/..%2f..%2fetc')).toBe('invalid_id');
  expect(await refused(open, '/pipeline/stream/../../etc')).toBe('not_found');
  expect(await refused(locked, path)).toBe('key_required');
  expect(await refused(locked, path, bearer('yt_wrong'))).toBe('key_unknown');
  expect(await refused(locked, path, bearer(SENDER.key))).toBe('scope_missing');
  expect(await refused(locked, path, { cookie })).toBe('foreign_origin');
  expect(await refused(locked, path, { cookie, origin: 'http://evil.example' })).toBe('foreign_origin');
  const limited = await serveStreams(deps, {}, { ratePerMinute: 1 });
  await fetch(`${limited.url}/nowhere`);
  expect(await refused(limited, path)).toBe('rate_limited');
  await limited.stop();
});

test.each([
  ['no key', {}],
  ['a key that is none', { 'sec-websocket-key': 'short' }],
  ['another version', { 'sec-websocket-key': KEY, 'sec-websocket-version': '7' }],
])('a handshake with %s is refused and takes no place', async (_, headers) => {
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const call = httpRequest(`${open.url}${path}`, { headers: { ...upgrade, ...headers } });
  call.end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of answer) body += chunk;
  expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'invalid_handshake' });
  expect(answer.headers['sec-websocket-version']).toBe('13');
  expect(await watchersOf(open)).toBe(0);
});

test('an upgrade with a key, or with the cookie of our page, is taken and has its request id', async () => {
  const cookie = await cookieFor(READER.key);
  for (const headers of [bearer(READER.key), { cookie, origin: locked.url }]) {
    const { socket, messages } = openSocket(locked.url, path, {
      headers: { ...headers, 'x-request-id': 'mine' },
    });
    const [answer] = (await once(socket, 'upgrade')) as [IncomingMessage];
    expect(answer.headers['x-request-id']).toBe('mine');
    expect((await messages.next()).value).toMatchObject({ type: 'snapshot' });
    socket.terminate();
  }
});

test('an upgrade where there is no stream is answered as if it had not been asked for', async () => {
  const { socket } = openSocket(open.url, '/health');
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close']);
  answer.resume();
});

test('another protocol than WebSocket is not spoken, and the call with its body is answered', async () => {
  const call = httpRequest(`${open.url}/pipeline/queue`, {
    method: 'POST',
    headers: {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABk',
      'content-type': 'application/json',
    },
  });
  call.end(JSON.stringify({ prompt: `${'long '.repeat(200)}`, dry_run: true }));
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  answer.resume();
});

test('a client that resets its connection within the handshake harms nobody', async () => {
  const { port } = new URL(open.url);
  for (const at of Array.from({ length: 20 }, (_, i) =>
    i % 2 ? path : `/pipeline/stream/${randomUUID()}`,
  )) {
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `GET ${at} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        `sec-websocket-version: 13\r\nsec-websocket-key: ${KEY}\r\n\r\n`,
    );
    socket.resetAndDestroy();
  }
  const { messages, socket } = openSocket(open.url, path);
  expect((await messages.next()).value).toMatchObject({ type: 'snapshot' });
  socket.terminate();
  await expect.poll(() => watchersOf(open)).toBe(0);
});
