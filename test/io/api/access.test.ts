import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { Hono } from 'hono';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import type { RouteDoc } from '../../../api/openapi/route-doc.ts';
import { ROUTE_LIST } from '../../../api/openapi/routes.ts';
import { newApiKey, parseApiKeys, SCOPES } from '../../../infra/settings/api-keys.ts';
import type { Config } from '../../../infra/settings/config.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const KEYS = Object.fromEntries(SCOPES.map((scope) => [scope, newApiKey(`only-${scope}`, scope)]));
const FULL = newApiKey('full', SCOPES.join('+'));
const RING = parseApiKeys([FULL, ...Object.values(KEYS)].map(({ entry }) => entry).join());
const SECRET = 'secret of the sessions';
const OURS = 'http://localhost';

let deps: TestDeps;
let locked: Hono;

beforeAll(async () => {
  deps = await createTestDeps();
  locked = appWith({ keys: RING });
});

afterAll(() => deps.close());

/** The same stores behind other rules of access. */
function depsWith(access: Partial<Config['access']>, more: Partial<TestDeps> = {}): TestDeps {
  const config = { ...deps.config, access: { ...deps.config.access, ...access } };
  return { ...deps, secrets: { ...deps.secrets, session: SECRET }, config, ...more };
}

function appWith(access: Partial<Config['access']>, more: Partial<TestDeps> = {}): Hono {
  return createApp(depsWith(access, more));
}

type Headers = Record<string, string>;

/** Calls a route with an id that nobody has; what it answers behind its guards does not matter here. */
async function call(route: Pick<RouteDoc, 'method' | 'path'>, headers: Headers = {}, app = locked) {
  const path = route.path.replace(':id', randomUUID()).replace(':name', 'video.mp4');
  const answer = await app.request(path, {
    method: route.method,
    headers: { ...(route.method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
    ...(route.method !== 'GET' && { body: '{}' }),
  });
  const isProblem = answer.headers.get('content-type') === 'application/problem+json';
  const code = isProblem ? ((await answer.json()) as { code: string }).code : null;
  if (!isProblem) await answer.body?.cancel();
  return { status: answer.status, code, headers: answer.headers };
}

const bearer = (key: string | undefined): Headers => ({ authorization: `Bearer ${key}` });
const GUARDED = ROUTE_LIST.filter((route) => route.scope !== 'open').map((route) => ({
  ...route,
  name: `${route.method} ${route.path}`,
}));
const STATUS = { method: 'GET', path: '/pipeline/status/:id' } as const;
const ORDER = { method: 'POST', path: '/pipeline/queue' } as const;

test.each(GUARDED)('$name takes only a key with the scope $scope', async (route) => {
  expect(await call(route)).toMatchObject({ status: 401, code: 'key_required' });
  expect(await call(route, bearer('yt_wrong'))).toMatchObject({ status: 401, code: 'key_unknown' });
  for (const scope of SCOPES) {
    const { status, code } = await call(route, bearer(KEYS[scope]?.key));
    if (scope === route.scope) expect([401, 403]).not.toContain(status);
    else expect({ status, code }).toEqual({ status: 403, code: 'scope_missing' });
  }
});

test.each(['', 'Bearer', 'Bearer ', `Basic ${FULL.key}`, `Bearer ${FULL.key} more`, `Bearer ${FULL.entry}`])(
  'Authorization "%s" is no key',
  async (authorization) => {
    const answer = await call(STATUS, { authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  },
);

test('a revoked key opens nothing, and neither does its session', async () => {
  const cookie = await openSession(FULL.key);
  const revoked = appWith({ keys: RING.filter(({ name }) => name !== 'full') });
  expect(await call(STATUS, bearer(FULL.key), revoked)).toMatchObject({ code: 'key_unknown' });
  expect(await call(STATUS, { cookie }, revoked)).toMatchObject({ code: 'key_unknown' });
  expect(await call(STATUS, { cookie })).toMatchObject({ code: 'video_not_found' });
});

test('health, the description and its page need no key', async () => {
  for (const path of ['/health', '/openapi.json', '/docs']) {
    expect((await call({ method: 'GET', path })).status).toBe(200);
  }
});

function postSession(body: unknown, headers: Headers = {}, app = locked) {
  return app.request('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function openSession(key: string): Promise<string> {
  const answer = await postSession({ key });
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test('a session is a cookie that no script can read and no other site can send', async () => {
  const answer = await postSession({ key: KEYS['read']?.key });
  expect(await answer.json()).toMatchObject({ name: 'only-read', scopes: ['read'] });
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(cookie).not.toContain(KEYS['read']?.key);
  const secure = await postSession({ key: FULL.key }, { 'x-forwarded-proto': 'https' });
  expect(secure.headers.get('set-cookie')).toContain('; Secure');
});

test('a session has the scopes of its key', async () => {
  const cookie = await openSession(KEYS['read']?.key ?? '');
  expect(await call(STATUS, { cookie })).toMatchObject({ code: 'video_not_found' });
  expect(await call(ORDER, { cookie, origin: OURS })).toMatchObject({ code: 'scope_missing' });
});

test.each([
  ['reads from a link', STATUS, {}, 'video_not_found'],
  ['reads from our page', STATUS, { origin: OURS }, 'video_not_found'],
  ['reads from another page', STATUS, { origin: 'http://localhost:9999' }, 'foreign_origin'],
  ['changes from our page', ORDER, { origin: OURS }, 'invalid_order'],
  ['changes from another page', ORDER, { origin: 'http://evil.example' }, 'foreign_origin'],
  ['changes from nowhere', ORDER, {}, 'foreign_origin'],
  ['upgrades from our page', STATUS, { upgrade: 'websocket', origin: OURS }, 'video_not_found'],
  ['upgrades from another page', STATUS, { upgrade: 'websocket', origin: 'http://a.b' }, 'foreign_origin'],
  ['upgrades from nowhere', STATUS, { upgrade: 'websocket' }, 'foreign_origin'],
])('a session that %s is answered with %o %o %s', async (_, route, headers, code) => {
  const cookie = await openSession(FULL.key);
  expect((await call(route, { cookie, ...(headers as Headers) })).code).toBe(code);
});

test('a session cannot be made from a wrong key, a wrong body, another page, or without keys', async () => {
  const codeOf = async (answer: Response | Promise<Response>) =>
    ((await (await answer).json()) as { code: string }).code;
  expect(await codeOf(postSession({ key: 'yt_wrong' }))).toBe('key_unknown');
  expect(await codeOf(postSession({ key: 5 }))).toBe('invalid_request');
  expect(await codeOf(postSession({ key: FULL.key }, { origin: 'http://evil.example' }))).toBe(
    'foreign_origin',
  );
  expect(await codeOf(postSession({ key: FULL.key }, {}, appWith({ keys: [] })))).toBe('no_keys');
  expect((await postSession({ key: 'yt_wrong' })).headers.get('set-cookie')).toBeNull();
});

test('a session is given back by its own page alone, and the cookie is gone with the attributes it came with', async () => {
  const cookie = await openSession(FULL.key);
  const end = (headers: Headers = {}) =>
    locked.request('/session', {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', cookie, ...headers },
    });
  const foreign = await end({ origin: 'http://evil.example' });
  expect([foreign.status, foreign.headers.get('set-cookie')]).toEqual([403, null]);
  const gone = /^ytempire_session=; Max-Age=0; Path=\/; HttpOnly;( Secure;)? SameSite=Strict$/;
  for (const headers of [{}, { cookie: '' }, { 'x-forwarded-proto': 'https' }]) {
    const answer = await end(headers);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, expect.stringMatching(gone)]);
  }
  expect((await end({ 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).toContain('; Secure');
});

test('a key that calls too often is told when to come back; others and /health go on', async () => {
  const app = appWith({ keys: RING, ratePerMinute: 3 });
  for (let i = 0; i < 3; i += 1) expect((await call(STATUS, bearer(FULL.key), app)).status).toBe(404);
  const refused = await call(STATUS, bearer(FULL.key), app);
  expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await call(STATUS, bearer(KEYS['read']?.key), app)).status).toBe(404);
  for (let i = 0; i < 5; i += 1)
    expect((await call({ method: 'GET', path: '/health' }, {}, app)).status).toBe(200);
});

test('guessing keys is limited too', async () => {
  const app = appWith({ keys: RING, ratePerMinute: 3 });
  const codes: (string | null)[] = [];
  for (let i = 0; i < 4; i += 1) codes.push((await call(STATUS, bearer(`yt_guess${i}`), app)).code);
  expect(codes).toEqual(['key_unknown', 'key_unknown', 'key_unknown', 'rate_limited']);
});

test('every answer has the headers that protect a browser, refusals too', async () => {
  const all = [...ROUTE_LIST, { method: 'GET', path: '/nowhere' } as const];
  for (const route of all) {
    for (const headers of [{}, bearer(FULL.key)]) {
      const answer = await call(route, headers);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      const policy = answer.headers.get('content-security-policy');
      expect(policy).toMatch(/^default-src 'none'; frame-ancestors 'none'/);
      expect(policy).not.toContain('unsafe');
      // Only the page runs scripts: its own.
      const script = / script-src ([^;]*)/.exec(policy ?? '')?.[1] ?? "'none'";
      const isPage = answer.headers.get('content-type')?.startsWith('text/html') === true;
      expect(script).toMatch(isPage ? /^('none'|'self'( 'sha256-[^']+')*)$/ : /^'none'$/);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  }
});

test('the request id comes back and is in the log; neither key nor hash nor cookie is', async () => {
  let lines = '';
  const sink = new Writable({
    write(chunk, _, done) {
      lines += chunk;
      done();
    },
  });
  const app = appWith({ keys: RING }, { log: pino({ level: 'trace' }, sink) });
  const given = await call(STATUS, { ...bearer(FULL.key), 'x-request-id': 'order-17' }, app);
  expect(given.headers.get('x-request-id')).toBe('order-17');
  const made = await call(STATUS, { ...bearer(FULL.key), 'x-request-id': 'two\tlines "and" more' }, app);
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const session = await postSession({ key: FULL.key }, {}, app);
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  await call(ORDER, { cookie, origin: OURS }, app);
  const logged = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(logged).toContainEqual(
    expect.objectContaining({ request_id: 'order-17', caller: 'full', status: 404 }),
  );
  expect(logged).toHaveLength(4);
  const ticket = cookie.split('=')[1] ?? '';
  for (const hidden of [FULL.key, FULL.entry.split(':')[2] ?? '', ticket]) {
    expect(hidden.length).toBeGreaterThan(20);
    expect(lines).not.toContain(hidden);
  }
});
