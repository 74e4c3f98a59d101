import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveApi } from '../../../api/serve.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import type { Config } from '../../../infra/settings/config.ts';
import { anOrder, createTestDeps, type TestDeps } from '../../support/test-deps.ts';

let deps: TestDeps;

beforeAll(async () => {
  deps = await createTestDeps();
});

afterAll(() => deps.close());

/** The same stores for an API on a free port. */
function reachable(access: Partial<Config['access']> = {}, host = '127.0.0.1'): TestDeps {
  const config = { ...deps.config, api: { host, port: 0 }, access: { ...deps.config.access, ...access } };
  return { ...deps, config };
}

async function newStream(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  return `/pipeline/stream/${answer.video_id}`;
}

test('an API that other machines can reach does not start without keys', async () => {
  const open = (keys: Config['access']['keys']) => serveApi(reachable({ keys }, '0.0.0.0'));
  await expect(open([])).rejects.toThrow(/^API_HOST is 0\.0\.0\.0.*set API_KEYS.*keys new/);
  const api = await open(parseApiKeys(newApiKey('page', 'read').entry));
  await api.stop();
});

test('a client that does not finish its request is cut off, and a stream may stay', async () => {
  const api = await serveApi(reachable(), { slowClientMs: 1_000 });
  const { port } = new URL(api.url);
  const path = await newStream();
  const stream = await fetch(`${api.url}${path}`);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /pipeline/queue HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-le',
  );
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(await (await fetch(`${api.url}/health`)).json()).toMatchObject({ watchers: 1 });
  await stream.body?.cancel();
  await api.stop();
});

test('HEAD on a stream takes no place, since nobody would give it back', async () => {
  const api = await serveApi(reachable());
  const answer = await fetch(`${api.url}${await newStream()}`, { method: 'HEAD' });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  expect(await (await fetch(`${api.url}/health`)).json()).toMatchObject({ watchers: 0 });
  await api.stop();
});

/** One request as a foreign client could make it; resolves with the status and the code of a refusal. */
async function raw(url: string, path: string, headers: Record<string, string>, method = 'GET') {
  const request = httpRequest(new URL(path, url), { method, headers });
  request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of answer) body += chunk;
  return { status: answer.statusCode, code: JSON.parse(body).code };
}

test('over a real socket: a rebound Host, a foreign page and a foreign upgrade are refused', async () => {
  const api = await serveApi(reachable({ ratePerMinute: 20 }));
  const stream = `/pipeline/stream/${randomUUID()}`;
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  expect(await raw(api.url, '/health', { host: 'rebound.example' })).toMatchObject({ code: 'foreign_host' });
  expect(await raw(api.url, '/health', { origin: 'http://evil.example' })).toMatchObject({
    code: 'foreign_origin',
  });
  expect(await raw(api.url, stream, { ...upgrade, origin: 'http://evil.example' })).toMatchObject({
    status: 403,
    code: 'foreign_origin',
  });
  expect(await raw(api.url, stream, { ...upgrade, host: 'rebound.example' })).toMatchObject({
    status: 403,
    code: 'foreign_host',
  });
  expect(await raw(api.url, '/nowhere', {})).toMatchObject({ status: 404 });
  await expect.poll(() => raw(api.url, '/nowhere', {}), { interval: 0 }).toMatchObject({ status: 429 });
  await api.stop();
});
