import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { video } from '../../api/openapi/answers.ts';
import type { Order } from '../../domain/video.ts';
import type { FakeYouTube } from '../support/fakes/youtube.ts';
import { PublishingPipeline } from '../support/publishing-pipeline.ts';
import { eventually, type TestPipeline } from '../support/test-pipeline.ts';

/** Five parts. */
const VIDEO = randomBytes(4 * 512 * 1024 + 12_345);

/** As long as the first, so that YouTube itself would take the rest of the one for that of the other. */
const REMADE = randomBytes(VIDEO.length);
let film = VIDEO;
let publishing: PublishingPipeline;
let youtube: FakeYouTube;
let pipeline: TestPipeline;

beforeAll(async () => {
  publishing = await PublishingPipeline.start(() => film);
  ({ youtube, pipeline } = publishing);
});
afterAll(() => publishing.close());
afterEach(async () => {
  film = VIDEO;
  await publishing.reset();
});

const order = (more?: Partial<Order>) => publishing.order(more);
const orderUnpublished = () => publishing.orderUnpublished();
const publication: PublishingPipeline['publication'] = (id, wanted) => publishing.publication(id, wanted);
const handle = (videoId: string) => publishing.handle(videoId);
const expectOneVideo = (videoId: string) => publishing.expectOneVideo(videoId, film);

/** POST /pipeline/videos/{id}/publish. */
async function publish(videoId: string, body: object = {}) {
  const answer = await createApp(pipeline.deps).request(`/pipeline/videos/${videoId}/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('a video that was completed without publish is published later, once, however often it is asked for', async () => {
  // Nothing is finished while none works.
  await pipeline.stopWorkers();
  const videoId = await orderUnpublished();
  expect(await publish(videoId)).toMatchObject({ status: 409, body: { code: 'video_not_completed' } });
  await pipeline.startWorkers();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', publication: null });
  const publish_at = new Date(Date.now() + 86_400_000).toISOString();
  await pipeline.stopWorkers();
  const [first, second] = [await publish(videoId, { publish_at }), await publish(videoId)];
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(video.parse(first.body).publication).toMatchObject({ publish_at });
  await pipeline.startWorkers();
  await expectOneVideo(videoId);
  expect(youtube.videos[0]?.resource.status).toMatchObject({ publishAt: publish_at });
  expect(await publish(videoId)).toMatchObject({ status: 409, body: { code: 'already_published' } });
});

test('a failed publication is tried again, and goes on in its session', async () => {
  youtube.script('part', null, null, { status: 400, reason: 'badRequest' });
  const before = youtube.calls.insert;
  const videoId = await order();
  await publication(videoId, ({ state }) => state === 'failed');
  expect(await publish(videoId)).toMatchObject({ status: 200, body: { publication: { reason: null } } });
  await expectOneVideo(videoId);
  expect(youtube.calls.insert - before).toBe(1);
  const { rows } = await pipeline.deps.pool.query(
    "SELECT count(*)::int AS n FROM audit_log WHERE action = 'publish' AND video_id = $1",
    [videoId],
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test('a cancelled publication is tried again', async () => {
  youtube.script('part', null, 'hang');
  const videoId = await order();
  await publication(videoId, ({ sent }) => sent > 0);
  await handle(videoId).cancel();
  await publication(videoId, ({ state }) => state === 'cancelled');
  expect((await publish(videoId)).status).toBe(200);
  await expectOneVideo(videoId);
});

test('one that may have arrived is only uploaded again when somebody says so', async () => {
  youtube.script('part', null, null, null, null, 'lost');
  youtube.script('offset', null, { status: 404, reason: 'notFound' });
  const videoId = await order();
  await publication(videoId, ({ state }) => state === 'failed');
  expect(await publish(videoId)).toMatchObject({ status: 409, body: { code: 'publication_doubtful' } });
  youtube.videos.length = 0;
  expect((await publish(videoId, { upload_again: true })).status).toBe(200);
  await expectOneVideo(videoId);
});

/** POST /pipeline/videos/{id}/retry, from the last stage. */
async function remake(videoId: string): Promise<number> {
  const answer = await createApp(pipeline.deps).request(`/pipeline/videos/${videoId}/retry`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from_stage: 'upload_preparation' }),
  });
  return answer.status;
}

test('a film that is made again is uploaded whole, and not on top of the first half of the old one', async () => {
  youtube.script('part', null, null, { status: 400, reason: 'badRequest' });
  const videoId = await order();
  await publication(videoId, ({ state }) => state === 'failed');
  film = REMADE;
  expect(await remake(videoId)).toBe(200);
  await pipeline.ended(videoId);
  expect((await publish(videoId)).status).toBe(200);
  await expectOneVideo(videoId);
});

test('a video on its way to YouTube is not made again, which would take its film away', async () => {
  youtube.script('part', null, 'hang');
  const videoId = await order();
  await publication(videoId, ({ sent }) => sent > 0);
  expect(await remake(videoId)).toBe(409);
  await handle(videoId).cancel();
  await publication(videoId, ({ state }) => state === 'cancelled');
});

test('a film that is made again when the old one may have arrived is only uploaded when somebody says so', async () => {
  youtube.script('part', null, null, null, null, 'hang');
  const videoId = await order();
  await publication(videoId, ({ sent }) => sent > 75);
  await eventually(
    () => pipeline.deps.pool.query('SELECT last_part_sent FROM publications WHERE video_id = $1', [videoId]),
    ({ rows }) => rows[0].last_part_sent,
  );
  await handle(videoId).cancel();
  await publication(videoId, ({ state }) => state === 'cancelled');
  film = REMADE;
  expect(await remake(videoId)).toBe(200);
  await pipeline.ended(videoId);
  expect(await publish(videoId)).toMatchObject({ status: 409, body: { code: 'publication_doubtful' } });
  expect((await publish(videoId, { upload_again: true })).status).toBe(200);
  await expectOneVideo(videoId);
});

test('a channel without an account is named with the command that connects it', async () => {
  const videoId = await pipeline.submit();
  await pipeline.ended(videoId);
  expect(await publish(videoId)).toMatchObject({
    status: 409,
    body: { code: 'channel_not_connected', detail: expect.stringContaining('youtube connect --channel') },
  });
});
