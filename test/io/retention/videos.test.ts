import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { retryVideo } from '../../../infra/moves/retry.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { expireVideos } from '../../../infra/retention/videos.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { latch } from '../../support/latch.ts';
import { countWaiting } from '../../support/lock-waits.ts';
import { endRow, storePackage } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());
const app = createApp(deps);
const DAYS = 30;

let id: string;
let key: string;
beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  id = await anEndedVideo();
  ({ key } = await makeFile());
});

async function anEndedVideo(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  await endRow(deps, answer.video_id, { status: 'completed', cost: '0.100000' });
  return answer.video_id;
}

async function makeFile() {
  return (await storePackage(deps, id, { 'video.mp4': 'old' }))['video.mp4'];
}

async function endedDaysAgo(days: number): Promise<void> {
  await deps.pool.query(`UPDATE video_queue SET completed_at = now() - $1 * interval '1 day'`, [days]);
}

const ask = async () => (await app.request(`/pipeline/videos/${id}/artifacts/video.mp4`)).json();
const storeResult = (stage: string) =>
  deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by) VALUES ($1, $2, 'h', '{}', 'test')`,
    [id, stage],
  );
const stored = async () => {
  const { rows } = await deps.pool.query<{ stage: string }>('SELECT stage FROM stage_results');
  return rows.map(({ stage }) => stage);
};

test('files of a video that ended long enough ago are removed, and the API says why they are gone', async () => {
  await endedDaysAgo(DAYS - 1);
  expect(await expireVideos(deps, DAYS)).toBe(0);
  expect(await deps.artifacts.find(key)).not.toBeNull();
  await endedDaysAgo(DAYS + 1);
  expect(await expireVideos(deps, DAYS)).toBe(1);
  expect(await deps.artifacts.find(id)).toBeNull();
  expect(await ask()).toMatchObject({
    status: 410,
    code: 'artifact_expired',
    detail: expect.stringContaining('ARTIFACT_DAYS'),
  });
  const view = await readVideo(deps, id);
  expect(view).toMatchObject({ status: 'completed', artifacts: {} });
  expect(Date.parse(view?.artifacts_expired_at ?? '')).toBeGreaterThan(0);
  expect(await expireVideos(deps, DAYS)).toBe(0);
});

test.each(['queued', 'processing'])('a %s video keeps its files, however old they are', async (status) => {
  await endedDaysAgo(400);
  await deps.pool.query('UPDATE video_queue SET status = $1', [status]);
  expect(await expireVideos(deps, DAYS)).toBe(0);
  expect(await deps.artifacts.find(key)).not.toBeNull();
});

test('a pass that dies before the files are gone offers none of them, and the next one removes them', async () => {
  await endedDaysAgo(DAYS + 1);
  const remove = () => Promise.reject(new Error('the disk is away'));
  const broken = { ...deps, artifacts: { ...deps.artifacts, remove } };
  await expect(expireVideos(broken, DAYS)).rejects.toThrow('the disk is away');
  expect(await ask()).toMatchObject({ code: 'artifact_expired' });
  expect(await expireVideos(deps, DAYS)).toBe(1);
  expect(await deps.artifacts.find(key)).toBeNull();
});

test('a retry makes the files again from the stored script', async () => {
  await storeResult('script_generation');
  await storeResult('video_rendering');
  await endedDaysAgo(DAYS + 1);
  await expireVideos(deps, DAYS);
  await retryVideo(deps, id, 'tester', 'quality_validation');
  expect(await stored()).toEqual(['script_generation']);
  expect(await ask()).toMatchObject({ code: 'artifact_not_found' });
  expect(await readVideo(deps, id)).toMatchObject({ status: 'queued', artifacts_expired_at: null });
});

test('a retry during the removal waits for it, so that its new files stay', async () => {
  await endedDaysAgo(DAYS + 1);
  const [removing, goOn] = [latch(), latch()];
  const remove = async (prefix: string) => {
    removing.open();
    await goOn.opened;
    await deps.artifacts.remove(prefix);
  };
  const expiring = expireVideos({ ...deps, artifacts: { ...deps.artifacts, remove } }, DAYS);
  await removing.opened;
  let isRemade = false;
  const remade = retryVideo(deps, id, 'tester', 'upload_preparation')
    .then(makeFile)
    .then(() => {
      isRemade = true;
    });
  await expect.poll(async () => isRemade || (await countWaiting(deps))).toBeTruthy();
  goOn.open();
  await Promise.all([expiring, remade]);
  expect(await deps.artifacts.find(key)).not.toBeNull();
});

test('files that a retry has made after the old ones were taken off offer stay', async () => {
  await endedDaysAgo(DAYS + 1);
  const remove = () => Promise.reject(new Error('killed'));
  await expect(expireVideos({ ...deps, artifacts: { ...deps.artifacts, remove } }, DAYS)).rejects.toThrow();
  await retryVideo(deps, id, 'tester', 'upload_preparation');
  await makeFile();
  expect(await expireVideos(deps, DAYS)).toBe(0);
  await endRow(deps, id, { status: 'completed', cost: '0.100000' });
  expect(await expireVideos(deps, DAYS)).toBe(0);
  expect(await deps.artifacts.find(key)).not.toBeNull();
  expect((await readVideo(deps, id))?.artifacts).toHaveProperty(['video.mp4']);
  await endedDaysAgo(DAYS + 1);
  await deps.pool.query(`UPDATE video_queue SET artifacts_expired_at = completed_at - interval '1 day'`);
  expect(await expireVideos(deps, DAYS)).toBe(1);
});
