import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { FakeS3 } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { storePackage } from '../../support/scripted-video.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const BYTES = Buffer.from('0123456789'.repeat(1_000_000));
const fake = await FakeS3.start();
const open = await s3Machines();

let deps: TestDeps;
let app: Hono;
let url: string;

beforeAll(async () => {
  deps = await createTestDeps();
  app = createApp({ ...deps, artifacts: open(bucketOf(fake)) });
  const order = await app.request('/pipeline/queue', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'ranges' }),
  });
  const { video_id } = (await order.json()) as { video_id: string };
  const maker = { ...deps, artifacts: open(bucketOf(fake)) };
  await storePackage(maker, video_id, { 'video.mp4': BYTES });
  url = `/pipeline/videos/${video_id}/artifacts/video.mp4`;
});

afterAll(async () => {
  await deps.close();
  await fake.close();
});

test('a file that another machine has put into the bucket comes whole', async () => {
  const answer = await app.request(url);
  expect(answer.status).toBe(200);
  expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES)).toBe(true);
});

test('a part is asked of the bucket as that part, and its stream goes on after a break', async () => {
  fake.mishap = ({ method, headers }) =>
    method === 'GET' && headers.range === 'bytes=5-4000004' ? { cutAfter: 1_000_000 } : null;
  const answer = await app.request(url, { headers: { range: 'bytes=5-4000004' } });
  expect(answer.status).toBe(206);
  expect(Buffer.from(await answer.arrayBuffer()).equals(BYTES.subarray(5, 4_000_005))).toBe(true);
  const asked = fake.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers.range);
  expect(asked.at(-1)).toMatch(/^bytes=\d{4,}-4000004$/);
});

test('HEAD and a known ETag cost no download', async () => {
  const gets = () => fake.requests.filter(({ method }) => method === 'GET').length;
  const before = gets();
  const head = await app.request(url, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe(String(BYTES.length));
  const etag = head.headers.get('etag') ?? '';
  expect((await app.request(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect(gets()).toBe(before);
});

test('a bucket that is away is a 503 that may be tried again', async () => {
  fake.mishap = () => ({ status: 503 });
  const answer = await app.request(url);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(await answer.json()).toMatchObject({ code: 'store_away' });
});
