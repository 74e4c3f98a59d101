import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { FakeS3 } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { endRow, storePackage } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

/** More than the pool has connections. */
const MANY = 12;

const bucket = await FakeS3.start();
const own = await createTestDeps();
const deps = { ...own, artifacts: (await s3Machines())(bucketOf(bucket)) };
const app = createApp(deps);
afterAll(async () => {
  await own.close();
  await bucket.close();
});

async function anEndedVideo(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  await storePackage(deps, answer.video_id, { 'video.mp4': 'film' });
  await endRow(deps, answer.video_id, { status: 'cancelled', cost: '0', message: '' });
  return answer.video_id;
}

async function call(method: string, path: string): Promise<number> {
  const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
  return (await app.request(`http://127.0.0.1${path}`, { method, headers })).status;
}

test('deletions whose store gives no answer leave the API to others', async () => {
  const ids = await Promise.all(Array.from({ length: MANY }, anEndedVideo));
  const isRemoval = (method: string) => method === 'DELETE' || method === 'POST';
  bucket.mishap = ({ method }) => (isRemoval(method) ? 'silent' : null);
  const answers = ids.map((id) => call('DELETE', `/pipeline/videos/${id}`));
  const erased = 'SELECT 1 FROM video_queue WHERE id = ANY ($1) AND deleted_at IS NOT NULL';
  await expect.poll(async () => (await deps.pool.query(erased, [ids])).rowCount).toBe(MANY);
  expect(await call('GET', '/pipeline/videos')).toBe(200);
  bucket.mishap = () => null;
  bucket.cut();
  expect(new Set(await Promise.all(answers))).toEqual(new Set([204]));
  expect(bucket.objects.size).toBe(0);
});
