import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { tidy } from '../../../infra/retention/tidy.ts';
import { FakeS3 } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { endRow, storePackage } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const fake = await FakeS3.start();
const stores = await createTestDeps();
const open = await s3Machines();
const deps = { ...stores, artifacts: open(bucketOf(fake)) };

afterAll(async () => {
  await stores.close();
  await fake.close();
});
afterEach(() => {
  fake.mishap = () => null;
});

/** A video that ended long ago, with its package and a file of a stage. */
async function anOldVideo(): Promise<void> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  const { video_id } = answer;
  await storePackage(deps, video_id, { 'video.mp4': 'film', 'captions.srt': 'words', 'bill.json': '{}' });
  const path = join(deps.config.dataDir, 'narration');
  await writeFile(path, 'speech');
  await deps.artifacts.put(path, `${video_id}/audio_synthesis/run-1/narration`);
  await endRow(deps, video_id, { status: 'completed', cost: '0.100000' });
  await deps.pool.query(`UPDATE video_queue SET completed_at = now() - interval '31 days'`);
}

test('files that are too old go from the bucket, whichever machine has put them', async () => {
  await anOldVideo();
  expect(fake.objects.size).toBe(4);
  const other = { ...deps, artifacts: open(bucketOf(fake)) };
  expect(await tidy(other)).toMatchObject({ videos: 1 });
  expect([...fake.objects.keys()]).toEqual([]);
});

test('what a bucket that went away in mid-removal has left goes at the next pass', async () => {
  await anOldVideo();
  let removals = 0;
  fake.mishap = ({ method }) => {
    removals += method === 'DELETE' ? 1 : 0;
    return removals > 3 ? { status: 503 } : null;
  };
  await expect(tidy(deps)).rejects.toMatchObject({ kind: 'infrastructure' });
  expect(fake.objects.size).toBeGreaterThan(0);
  fake.mishap = () => null;
  expect(await tidy(deps)).toMatchObject({ videos: 1 });
  expect(fake.objects.size).toBe(0);
});
