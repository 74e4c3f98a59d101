import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LOOK_AGAIN } from '../../domain/publishing.ts';
import type { Order } from '../../domain/video.ts';
import type { FakeYouTube } from '../support/fakes/youtube.ts';
import { connectTo } from '../support/publishing.ts';
import { PublishingPipeline } from '../support/publishing-pipeline.ts';
import { eventually, type TestPipeline } from '../support/test-pipeline.ts';

/** Five parts, the last of which is no whole granule. */
const VIDEO = randomBytes(4 * 512 * 1024 + 12_345);
const PARTS = 5;

let publishing: PublishingPipeline;
let youtube: FakeYouTube;
let pipeline: TestPipeline;

beforeAll(async () => {
  publishing = await PublishingPipeline.start(() => VIDEO);
  ({ youtube, pipeline } = publishing);
});
afterAll(() => publishing.close());
afterEach(() => publishing.reset());

const order = (more?: Partial<Order>) => publishing.order(more);

const publication: PublishingPipeline['publication'] = (id, wanted) => publishing.publication(id, wanted);
const published = (videoId: string) => publishing.published(videoId);
const handle = (videoId: string) => publishing.handle(videoId);
const expectOneVideo = (videoId: string) => publishing.expectOneVideo(videoId, VIDEO);

test('a finished video is uploaded private with its texts, thumbnail and captions, and costs nothing', async () => {
  const publish_at = new Date(Date.now() + 86_400_000).toISOString();
  const videoId = await order({ publish_at });
  await expectOneVideo(videoId);
  const [uploaded] = youtube.videos;
  expect(uploaded?.resource.snippet).toMatchObject({
    title: 'A test',
    description: 'About it\n\n0:00 One',
    categoryId: '22',
    tags: ['one'],
  });
  expect(uploaded?.resource.status).toMatchObject({ privacyStatus: 'private', publishAt: publish_at });
  expect(uploaded?.thumbnails.map(String)).toEqual(['a thumbnail']);
  expect(uploaded?.captions).toMatchObject([
    { language: 'en', text: expect.stringContaining('WEBVTT of the test') },
  ]);
  const view = await published(videoId);
  const url = `https://www.youtube.com/watch?v=${view.youtube_id}`;
  expect(view).toMatchObject({ url, sent: 100, missing: {}, publish_at, reason: null });
  const { rows } = await pipeline.deps.pool.query(
    `SELECT operation, amount::float8 FROM pipeline_costs WHERE video_id = $1 AND service = 'youtube_api' ORDER BY id`,
    [videoId],
  );
  expect(rows).toEqual(
    ['videos.insert', 'thumbnails.set', 'captions.insert'].map((operation) => ({ operation, amount: 0 })),
  );
});

test('an order that does not ask for it stays in its folder', async () => {
  const { publication } = await pipeline.ended(await pipeline.submit());
  expect(publication).toBeNull();
  expect(youtube.videos).toEqual([]);
});

test('a cut in every part, refused tokens and failing answers end in one video with the same bytes', async () => {
  youtube.script('insert', { status: 503 }, { status: 401 });
  youtube.script('part', ...Array(PARTS).fill('cut'), null, { status: 500 }, null, { status: 401 });
  youtube.script('offset', null, { status: 502 }, 'lost');
  youtube.script('thumbnail', 'lost', { status: 500 });
  youtube.script('captions', 'lost');
  const videoId = await order();
  await expectOneVideo(videoId);
  expect(youtube.videos[0]?.captions).toHaveLength(1);
});

test('a lost answer to the last part is asked for at the session, and nothing is sent twice', async () => {
  youtube.script('part', null, null, null, null, 'lost');
  const before = { ...youtube.calls };
  await expectOneVideo(await order());
  expect(youtube.calls.insert - before.insert).toBe(1);
  expect(youtube.calls.part - before.part).toBe(PARTS);
});

test('a lost answer to the beginning leaves a session that nothing is sent to', async () => {
  youtube.script('insert', 'lost');
  const before = youtube.calls.insert;
  await expectOneVideo(await order());
  expect(youtube.calls.insert - before).toBe(2);
});

test('a session that is gone before its last part is followed by another', async () => {
  youtube.script('part', null, { status: 404, reason: 'notFound' });
  const before = youtube.calls.insert;
  await expectOneVideo(await order());
  expect(youtube.calls.insert - before).toBe(2);
});

test('a session that is gone after its last part is followed by none: the video may be there', async () => {
  youtube.script('part', null, null, null, null, 'lost');
  youtube.script('offset', null, { status: 404, reason: 'notFound' });
  const videoId = await order();
  expect(await publication(videoId, ({ state }) => state === 'failed')).toMatchObject({ reason: 'doubtful' });
  expect(youtube.videos).toHaveLength(1);
});

test('an upload whose worker dies goes on where it was, in the same session', async () => {
  youtube.script('part', null, null, 'hang');
  const before = youtube.calls.insert;
  const videoId = await order();
  await publication(videoId, ({ sent }) => sent > 40);
  await pipeline.stopWorkers();
  await pipeline.startWorkers();
  await expectOneVideo(videoId);
  expect(youtube.calls.insert - before).toBe(1);
});

async function nextMidnight(): Promise<string> {
  const { rows } = await pipeline.deps.pool.query(
    `SELECT (((now() AT TIME ZONE 'America/Los_Angeles')::date + 1)::timestamp AT TIME ZONE 'America/Los_Angeles') AS at`,
  );
  return rows[0].at.toISOString();
}

test.each([
  ['insert', 'quotaExceeded', 403],
  ['insert', 'uploadLimitExceeded', 400],
  ['part', 'quotaExceeded', 403],
] as const)(
  '%s refused with %s waits for midnight Pacific, holds nothing, and goes on then',
  async (route, reason, status) => {
    youtube.script(route, { status, reason });
    const midnight = await nextMidnight();
    const videoId = await order();
    const waiting = await publication(
      videoId,
      ({ state, reason: why }) => state === 'waiting' && why !== null,
    );
    expect([midnight, await nextMidnight()]).toContain(waiting.at);
    expect(youtube.videos).toEqual([]);
    await pipeline.deps.pool.query('DELETE FROM youtube_quota');
    await pipeline.deps.pool.query('UPDATE youtube_channels SET closed_until = NULL');
    await handle(videoId).signal(LOOK_AGAIN);
    await expectOneVideo(videoId);
  },
);

test('with too few units left the captions are left out, and the status says so', async () => {
  await pipeline.deps.pool.query(
    `INSERT INTO youtube_quota (day, bucket, used)
     SELECT (now() AT TIME ZONE 'America/Los_Angeles')::date + days, 'units', 9700 FROM generate_series(0, 1) AS days`,
  );
  const videoId = await order();
  await expectOneVideo(videoId);
  expect((await published(videoId)).missing).toEqual({ captions: 'quota' });
});

test('a cancel in the middle of an upload ends it, and the row says so', async () => {
  youtube.script('part', null, 'hang');
  const videoId = await order();
  await publication(videoId, ({ sent }) => sent > 0);
  await handle(videoId).cancel();
  expect(await publication(videoId, ({ state }) => state === 'cancelled')).toMatchObject({
    reason: 'operator_cancel',
  });
  await expect(handle(videoId).result()).rejects.toThrow();
  expect((await handle(videoId).describe()).status.name).toBe('CANCELLED');
  expect(youtube.videos).toEqual([]);
});

test('a publication whose workflow was terminated is cancelled by reconcile', async () => {
  youtube.script('part', 'hang');
  const videoId = await order();
  await publication(videoId, ({ state }) => state === 'uploading');
  await handle(videoId).terminate('by hand');
  expect(await publication(videoId, ({ state }) => state === 'cancelled')).toMatchObject({
    state: 'cancelled',
  });
});

test('an account that has taken its access back fails with the command that mends it, and no token is told', async () => {
  const refresh = await connectTo(youtube, pipeline.deps, 'gone');
  youtube.grant.refresh = youtube.grant.refresh.filter((token) => token !== refresh);
  const videoId = await order({ channel_id: 'gone' });
  const failed = await publication(videoId, ({ state }) => state === 'failed');
  expect(failed).toMatchObject({
    reason: 'provider_account',
    message: expect.stringContaining('invalid_grant'),
  });
  expect(failed.message).toContain('youtube connect --channel gone');
});

test('a start that was lost is made up for', async () => {
  const videoId = await pipeline.submit();
  await pipeline.ended(videoId);
  await pipeline.deps.pool.query(
    `UPDATE video_queue SET channel_id = 'main', request_data = request_data || '{"publish": true}' WHERE id = $1`,
    [videoId],
  );
  await expectOneVideo(videoId);
});

test('what a service repeats of a token or a session is not kept', async () => {
  const token = 'ya29.canary-'.padEnd(60, 'x');
  youtube.script('insert', { status: 400, reason: 'invalidTitle', message: `you sent Bearer ${token}` });
  const failed = await publication(await order(), ({ state }) => state === 'failed');
  expect(failed).toMatchObject({ reason: 'refused', message: expect.stringContaining('invalidTitle') });
  expect(JSON.stringify(failed)).not.toContain('canary');
  const { rows } = await pipeline.deps.pool.query('SELECT refresh_token FROM youtube_channels');
  expect(JSON.stringify(rows)).not.toContain('refresh-');
  await eventually(
    () => pipeline.deps.pool.query('SELECT session FROM publications WHERE session IS NOT NULL'),
    ({ rows: sessions }) => !JSON.stringify(sessions).includes('upload_id'),
  );
});
