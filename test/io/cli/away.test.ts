import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer, globalAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { serveApi } from '../../../api/serve.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { createAuthority } from '../../support/certificates.ts';
import { runToEnd } from '../../support/command-line.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const reader = newApiKey('reader', 'read');
const all = newApiKey('all', 'submit+read+control');
const revoked = newApiKey('old', 'submit+read+control');
const access = { ...deps.config.access, keys: parseApiKeys(`${reader.entry},${all.entry}`) };
const api = await serveApi({
  ...deps,
  config: { ...deps.config, access, api: { host: '127.0.0.1', port: 0 } },
});

afterAll(async () => {
  await api.stop();
  await deps.close();
});

test.each([
  ['no key', undefined, /key.*set API_KEY, or give --key/],
  ['a wrong key', 'yt_wrong', /--key/],
  ['a key that was taken back', revoked.key, /--key/],
])('with %s every command says that one is needed, and never shows it', async (_, key, line) => {
  for (const argv of [['list'], ['submit', 'x'], ['pause'], ['watch', '--all']]) {
    const { code, out, errors } = await runToEnd(api.url, argv, key === undefined ? {} : { key });
    expect([code, out, errors]).toEqual([2, '', [expect.stringMatching(line)]]);
    if (key) expect(errors.join()).not.toContain(key);
  }
});

test('a key without the scope is told which one it lacks; --key goes before API_KEY', async () => {
  const { code, errors } = await runToEnd(api.url, ['submit', 'x'], { key: reader.key });
  expect([code, errors]).toEqual([2, [expect.stringMatching(/submit/)]]);
  expect((await runToEnd(api.url, ['list', '--key', all.key], { key: 'yt_wrong' })).code).toBe(0);
});

test('an API that is down is named with what to do, and the exit code is 3', async () => {
  for (const argv of [['list'], ['submit', 'x'], ['costs'], ['halt', '--yes'], ['status', '00000000']]) {
    const { code, out, errors } = await runToEnd('http://127.0.0.1:9', argv);
    expect([code, out]).toEqual([3, '']);
    expect(errors).toEqual([
      expect.stringMatching(/127\.0\.0\.1:9 does not answer \(ECONNREFUSED\).*npm run up/),
    ]);
  }
});

test('something else that answers there is not taken for the API', async () => {
  const server = createServer((_, answer) => answer.end('<html>')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { code, errors } = await runToEnd(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, [
    'list',
  ]);
  expect([code, errors]).toEqual([2, [expect.stringMatching(/is it the right address/)]]);
  server.close();
});

test.each(['localhost:8787', 'ftp://x', 'http://user:pass@x', 'http://x/path', ''])(
  '--url %j is refused',
  async (url) => {
    const { code, errors } = await runToEnd(url, ['list']);
    expect([code, errors]).toEqual([
      2,
      [expect.stringMatching(/^error: --url .* is not the address of an API/)],
    ]);
  },
);

test('an API behind https is spoken to when its certificate is trusted, and only then is the key sent', async () => {
  const authority = createAuthority('test authority');
  const keys: (string | undefined)[] = [];
  const server = createSecureServer(authority.issue('localhost'), (request, answer) => {
    keys.push(request.headers.authorization);
    answer.end('{"videos":[],"next_cursor":null}');
  }).listen(0, 'localhost');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const strange = await runToEnd(url, ['list'], { key: 'yt_secret' });
  expect([strange.code, strange.errors]).toEqual([
    3,
    [expect.stringMatching(/does not answer \(UNABLE_TO_/)],
  ]);
  globalAgent.options.ca = authority.cert;
  expect((await runToEnd(url, ['list'], { key: 'yt_secret' })).out).toBe('No videos.\n');
  expect(keys).toEqual(['Bearer yt_secret']);
  globalAgent.destroy();
  server.close();
});
