import { createHash, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { storePackage } from '../../support/scripted-video.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const BYTES = Buffer.from('0123456789'.repeat(1_000));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let deps: TestDeps;
let app: Hono;
let url: string;
let key: string;

beforeAll(async () => {
  deps = await createTestDeps();
  app = createApp(deps);
  const order = await app.request('/pipeline/queue', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'ranges' }),
  });
  const { video_id } = (await order.json()) as { video_id: string };
  const files = await storePackage(deps, video_id, { 'video.mp4': BYTES });
  key = files['video.mp4'].key;
  url = `/pipeline/videos/${video_id}/artifacts/video.mp4`;
});

afterAll(() => deps.close());

test('serves a file with its type, its length and its hash', async () => {
  const answer = await app.request(url);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'video/mp4',
    'content-length': '10000',
    'accept-ranges': 'bytes',
    etag: `"${SHA256}"`,
  });
  expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES)).toBe(true);
});

test.each([
  ['bytes=0-9', '0123456789', 'bytes 0-9/10000'],
  ['bytes=9995-', '56789', 'bytes 9995-9999/10000'],
  ['bytes=-2', '89', 'bytes 9998-9999/10000'],
])('serves the part %s', async (range, text, contentRange) => {
  const answer = await app.request(url, { headers: { range } });
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe(contentRange);
  expect(answer.headers.get('content-length')).toBe(String(text.length));
  expect(await answer.text()).toBe(text);
});

test('refuses a part beyond the end and says how long the file is', async () => {
  const answer = await app.request(url, { headers: { range: 'bytes=10000-' } });
  expect(answer.status).toBe(416);
  expect(answer.headers.get('content-range')).toBe('bytes */10000');
  expect(await answer.json()).toMatchObject({ code: 'range_not_satisfiable' });
});

test('sends no body to HEAD nor to a client that has the file', async () => {
  const head = await app.request(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10000', '']);
  const known = await app.request(url, { headers: { 'if-none-match': `"${SHA256}"` } });
  expect([known.status, await known.text()]).toEqual([304, '']);
});

test('names what there is when a file is not made yet or not one of the list', async () => {
  const missing = await app.request(url.replace('video.mp4', 'bill.json'));
  expect(await missing.json()).toMatchObject({ status: 404, code: 'artifact_not_found' });
  const unknown = await app.request(url.replace('video.mp4', '..%2F..%2Fsecrets'));
  expect(await unknown.json()).toMatchObject({
    code: 'artifact_not_found',
    detail: expect.stringContaining('video.mp4, captions.srt'),
  });
});

test('does not serve a file that is cut short or gone', async () => {
  const path = join(deps.config.artifactsDir, key);
  await writeFile(path, 'short');
  const damaged = await app.request(url);
  expect(await damaged.json()).toMatchObject({ status: 410, code: 'artifact_damaged' });
  await rm(path);
  expect((await app.request(url)).status).toBe(410);
  await writeFile(path, BYTES);
  expect((await app.request(url)).status).toBe(200);
});

test('an unknown video is not found whatever the file', async () => {
  const answer = await app.request(`/pipeline/videos/${randomUUID()}/artifacts/video.mp4`);
  expect(await answer.json()).toMatchObject({ status: 404, code: 'video_not_found' });
});
