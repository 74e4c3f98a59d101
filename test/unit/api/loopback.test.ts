import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { jsonOnly, loopbackOnly } from '../../../api/access/loopback.ts';
import { createErrorHandler } from '../../../api/errors.ts';
import { createLogger } from '../../../infra/logger.ts';
import { isLoopback } from '../../../infra/settings/loopback.ts';

const app = new Hono();
app.onError(createErrorHandler(createLogger('silent', 'test')));
app.use(loopbackOnly(), jsonOnly());
app.all('/x', (context) => context.text('reached'));

async function call(headers: Record<string, string>, method = 'GET') {
  const answer = await app.request('http://127.0.0.1:8787/x', { method, headers });
  const text = await answer.text();
  return answer.ok ? text : `${answer.status} ${JSON.parse(text).code}`;
}

test.each([
  ['127.0.0.1:8787', 'reached'],
  ['localhost:8787', 'reached'],
  ['LOCALHOST', 'reached'],
  ['[::1]:8787', 'reached'],
  ['127.9.9.9', 'reached'],
  ['evil.example', '403 foreign_host'],
  ['127.0.0.1.evil.example', '403 foreign_host'],
  ['localhost.evil.example:8787', '403 foreign_host'],
  ['192.168.0.7:8787', '403 foreign_host'],
])('Host %s is answered with %s', async (host, answer) => {
  expect(await call({ host })).toBe(answer);
});

test.each([
  ['http://127.0.0.1:8787', 'reached'],
  ['http://127.0.0.1:9999', '403 foreign_origin'],
  ['http://localhost:8787', '403 foreign_origin'],
  ['https://127.0.0.1:8787', '403 foreign_origin'],
  ['http://evil.example', '403 foreign_origin'],
  ['null', '403 foreign_origin'],
])('Origin %s at 127.0.0.1:8787 is answered with %s', async (origin, answer) => {
  expect(await call({ host: '127.0.0.1:8787', origin })).toBe(answer);
});

test.each([
  ['application/json', 'reached'],
  ['Application/JSON; charset=utf-8', 'reached'],
  ['text/plain', '415 json_required'],
  ['application/x-www-form-urlencoded', '415 json_required'],
  ['text/plain; application/json', '415 json_required'],
  ['', '415 json_required'],
])('a change sent as %j is answered with %s', async (type, answer) => {
  expect(await call(type ? { 'content-type': type } : {}, 'POST')).toBe(answer);
});

test('knows which hosts only this machine can reach', () => {
  expect(['127.0.0.1', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', 'example.org'].some(isLoopback)).toBe(false);
});
