import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { problem } from '../../../api/openapi/answers.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const folder = tempFolders('page-test-');
afterAll(() => deps.close());

const app = createApp(deps);
const index = async () => (await app.request('/')).text();
const namesIn = (html: string) =>
  [...html.matchAll(/(?:src|href)="\/page\/([^"]+)"/g)].map((match) => match[1] ?? '');

test.each(['/', '/order', '/videos/6f1c2f0a-6f6e-4c3f-9a61-0d6c6a5b7f11', '/videos/x'])(
  'the page is served at %s, to be asked for again each time',
  async (path) => {
    const answer = await app.request(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.text()).toBe(await index());
  },
);

test('the page may run and load what comes from this API, and one inline script by its hash', async () => {
  const { headers } = await app.request('/');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; /);
  expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/]{43}='/);
  expect(policy).not.toMatch(/unsafe|http|\*/);
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test.each([
  [/\.js$/, 'text/javascript; charset=UTF-8'],
  [/\.css$/, 'text/css; charset=UTF-8'],
  [/\.svg$/, 'image/svg+xml'],
])('what the page loads by %s is kept for ever, and is sent compressed', async (ending, type) => {
  const name = namesIn(await index()).find((each) => ending.test(each));
  const plain = await app.request(`/page/${name}`);
  expect(plain.headers.get('content-type')).toBe(type);
  expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const small = await app.request(`/page/${name}`, { headers: { 'accept-encoding': 'br, gzip' } });
  expect(small.headers.get('content-encoding')).toBe('gzip');
  expect(small.headers.get('vary')).toBe('accept-encoding');
  expect(gunzipSync(Buffer.from(await small.arrayBuffer())).toString()).toBe(await plain.text());
});

test.each(['page-00000000.js', '..%2f..%2fpackage.json', 'index.html', '%00'])(
  'a part that the page does not have (%s) is 404',
  async (name) => {
    const answer = await app.request(`/page/${name}`);
    expect(answer.status).toBe(404);
    expect(problem.parse(await answer.json()).code).toBe('not_found');
  },
);

test('the page needs no key, what it shows does', async () => {
  const keys = parseApiKeys(newApiKey('page', 'read').entry);
  const locked = createApp({ ...deps, config: { ...deps.config, access: { ...deps.config.access, keys } } });
  expect((await locked.request('/')).status).toBe(200);
  expect((await locked.request('/pipeline/videos')).status).toBe(401);
});

test('an API whose page is not built says how to build it, and serves it once it is', async () => {
  const pageFolder = join(folder(), 'page');
  const unbuilt = createApp({ ...deps, pageFolder });
  const answer = await unbuilt.request('/');
  expect(answer.status).toBe(503);
  expect(problem.parse(await answer.json())).toMatchObject({
    code: 'page_not_built',
    detail: expect.stringContaining('npm run up'),
  });
  mkdirSync(pageFolder);
  writeFileSync(join(pageFolder, 'index.html'), '<script>1</script>');
  expect(await (await unbuilt.request('/')).text()).toBe('<script>1</script>');
});
