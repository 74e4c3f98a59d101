import { randomBytes, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CollectOutcome, STATISTICS_WORKFLOW_TYPE } from '../../domain/statistics.ts';
import { STATISTICS_PROVIDER } from '../../infra/analytics/provider.ts';
import { listProviders } from '../../infra/providers/registry.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';
import { ensureStatisticsSchedule, statisticsScheduleId } from '../../infra/temporal/statistics-schedule.ts';
import { taskQueue } from '../../infra/temporal/temporal.ts';
import { type FakeStatistics, startFakeStatistics } from '../support/fakes/youtube-statistics.ts';
import { anOrder } from '../support/test-deps.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const HOUR_MS = 3_600_000;

let youtube: FakeStatistics;
let pipeline: TestPipeline;

beforeAll(async () => {
  youtube = await startFakeStatistics();
  pipeline = await TestPipeline.create({
    config: { youtube: { baseUrl: youtube.url, unitsPerDay: 10_000 } },
  });
  pipeline.deps.secrets = { ...NO_SECRETS, youtubeApi: youtube.key };
  // A worker registers what it is configured for at its start.
  await pipeline.stopWorkers();
  await pipeline.startWorkers();
});
afterAll(async () => {
  await schedule()
    .delete()
    .catch(() => undefined);
  await pipeline.close();
  await youtube.close();
});
beforeEach(async () => {
  for (const table of ['analytics_data', 'youtube_quota', 'youtube_channels', 'channels', 'video_queue']) {
    await pipeline.deps.pool.query(`DELETE FROM ${table}`);
  }
  await pipeline.deps.pool.query(
    `UPDATE provider_state SET state = 'open', failures = 0, closings = 0, closed_until = NULL`,
  );
  youtube.calls.length = 0;
  youtube.channels.clear();
  youtube.videos.clear();
});
afterEach(() => {
  pipeline.deps.secrets.youtubeApi = youtube.key;
});

const schedule = () => pipeline.deps.temporal.schedule.getHandle(statisticsScheduleId(pipeline.deps.config));
const channelName = () => `UC${randomBytes(11).toString('hex')}`;

function collect(input: { channel_id?: string } = {}): Promise<CollectOutcome> {
  return pipeline.deps.temporal.workflow.execute(STATISTICS_WORKFLOW_TYPE, {
    workflowId: `collect-${randomUUID()}`,
    taskQueue: taskQueue(pipeline.deps.config, 'control'),
    args: [input],
  });
}

/** A channel with a limit of its own, which makes it known. */
async function known(...ids: string[]): Promise<void> {
  await pipeline.deps.pool.query('INSERT INTO channels (channel_id) SELECT unnest($1::text[])', [ids]);
}

function atYouTube(
  id: string,
  statistics: object = { viewCount: '1', subscriberCount: '2', videoCount: '3' },
) {
  youtube.channels.set(id, { snippet: { title: `Channel ${id}` }, statistics });
}

/** A published video of a channel, `days` old. */
async function published(channel_id: string, days = 0): Promise<{ video_id: string; youtube_id: string }> {
  const { pool } = pipeline.deps;
  await pool.query('UPDATE pipeline_state SET paused = true');
  const answer = await submitOrder(pipeline.deps, anOrder({ channel_id }));
  if (!answer.accepted) throw new Error(answer.code);
  const youtube_id = randomBytes(6).toString('hex');
  await pool.query(
    `INSERT INTO publications (video_id, channel_id, state, ready_at, ended_at, youtube_id)
     VALUES ($1, $2, 'published', now(), now() - $3 * interval '1 day', $4)`,
    [answer.video_id, channel_id, days, youtube_id],
  );
  return { video_id: answer.video_id, youtube_id };
}

async function stored() {
  const { rows } = await pipeline.deps.pool.query(
    'SELECT channel_id, metric_type, metric_value, timestamp FROM analytics_data ORDER BY id',
  );
  return rows;
}

async function newestEvent(): Promise<unknown> {
  const { redisUrl, redisPrefix } = pipeline.deps.config;
  const redis = new Redis(redisUrl);
  const [entry] = await redis.xrevrange(`${redisPrefix}events`, '+', '-', 'COUNT', 1);
  await redis.quit();
  return JSON.parse(entry?.[1][1] ?? 'null');
}

async function unitsUsed(): Promise<number> {
  const { rows } = await pipeline.deps.pool.query(`SELECT sum(used)::int AS used FROM youtube_quota`);
  return rows[0].used ?? 0;
}

test('channels are asked for by fifty, and what YouTube does not know is stored as that', async () => {
  const ids = Array.from({ length: 61 }, channelName).sort();
  await known(...ids, 'a name that is no channel of YouTube');
  for (const id of ids.slice(1)) atYouTube(id);
  expect(await collect()).toEqual({ channels: 60, videos: 0, not_found: 1, stopped: null });
  expect(youtube.calls.map(({ ids }) => ids.length)).toEqual([50, 11]);
  expect(await unitsUsed()).toBe(2);
  const rows = await stored();
  expect(rows).toHaveLength(61);
  expect(rows[0].metric_value).toMatchObject({ found: false, youtube_id: ids[0], view_count: null });
  expect(rows[1].metric_value).toEqual({
    ...{ found: true, youtube_id: ids[1], title: `Channel ${ids[1]}` },
    ...{ view_count: 1, subscriber_count: 2, video_count: 3 },
  });
});

test('a channel of ours is asked for by the id of its account, and one that only has videos by its name', async () => {
  const [account, name] = [channelName(), channelName()] as const;
  await pipeline.deps.pool.query(
    `INSERT INTO youtube_channels (channel_id, youtube_id, title, refresh_token) VALUES ('main', $1, 'x', 'x')`,
    [account],
  );
  await published(name);
  atYouTube(account, { viewCount: '9007199254740991', subscriberCount: '7', hiddenSubscriberCount: true });
  expect(await collect()).toMatchObject({ channels: 1, videos: 0, not_found: 2 });
  const main = (await stored()).find(({ channel_id }) => channel_id === 'main');
  // A count of more digits than a number holds is as good as none.
  expect(main.metric_value).toMatchObject({ view_count: null, subscriber_count: null, video_count: null });
});

test('views are measured, again after an eighth of the age, and of one channel at once', async () => {
  const channel = channelName();
  const young = await published(channel);
  const old = await published(channel, 80);
  for (const { youtube_id } of [young, old]) {
    youtube.videos.set(youtube_id, { statistics: { viewCount: '120', likeCount: '4' } });
  }
  expect(await collect()).toMatchObject({ videos: 2 });
  const { rows } = await pipeline.deps.pool.query(
    `SELECT views, round(extract(epoch FROM measure_at - measured_at) / 3600) AS hours FROM publications
     WHERE video_id = ANY($1) ORDER BY hours`,
    [[young.video_id, old.video_id]],
  );
  expect(rows).toEqual([
    { views: 120, hours: '3' },
    { views: 120, hours: '240' },
  ]);
  expect(await collect()).toMatchObject({ videos: 0 });
  youtube.videos.delete(young.youtube_id);
  expect(await collect({ channel_id: channel })).toMatchObject({ videos: 1, not_found: 2 });
  const values = (await stored()).filter(({ metric_type }) => metric_type === 'video_statistics');
  expect(values.map(({ metric_value }) => metric_value.view_count ?? -1).sort()).toEqual([-1, 120, 120, 120]);
  const views = await pipeline.deps.pool.query('SELECT views FROM publications');
  expect(views.rows).toEqual([{ views: 120 }, { views: 120 }]);
});

test('a quota that is used up stops the collection until midnight Pacific, and it says so', async () => {
  const ids = Array.from({ length: 51 }, channelName);
  await known(...ids);
  youtube.script(null, { status: 403, reason: 'quotaExceeded' });
  expect(await collect()).toEqual({ channels: 0, videos: 0, not_found: 50, stopped: 'quota' });
  expect(youtube.calls).toHaveLength(2);
  expect(await collect()).toMatchObject({ stopped: 'quota' });
  expect(youtube.calls).toHaveLength(2);
  await pipeline.deps.pool.query('UPDATE youtube_quota SET day = day - 1');
  expect(await collect()).toMatchObject({ stopped: null });
});

test('units that thumbnails and captions of coming videos need are left to them', async () => {
  await known(channelName());
  const { video_id } = await published(channelName());
  // As if just looked at: reconcile must not end what nobody uploads.
  await pipeline.deps.pool.query(
    `UPDATE publications SET state = 'uploading', looked_at = 'infinity' WHERE video_id = $1`,
    [video_id],
  );
  const use = (units: number) =>
    pipeline.deps.pool.query(
      `INSERT INTO youtube_quota (day, bucket, used) VALUES ((now() AT TIME ZONE 'America/Los_Angeles')::date, 'units', $1)
       ON CONFLICT (day, bucket) DO UPDATE SET used = excluded.used`,
      [units],
    );
  await use(10_000 - 450);
  expect(await collect()).toMatchObject({ stopped: 'quota' });
  expect(youtube.calls).toEqual([]);
  await use(10_000 - 451);
  expect(await collect()).toMatchObject({ stopped: null, not_found: 2 });
});

test('a wrong key closes the service with an alert until it is resumed, and nothing is retried', async () => {
  await known(channelName());
  pipeline.deps.secrets.youtubeApi = 'AIza-wrong';
  expect(await collect()).toMatchObject({ stopped: 'provider_closed' });
  const state = (await listProviders(pipeline.deps)).find(({ name }) => name === STATISTICS_PROVIDER);
  expect(state).toMatchObject({ state: 'closed', closed_until: null, kind: 'statistics' });
  expect(state?.reason).toContain('API key not valid');
  expect(state?.reason).not.toContain('AIza');
  expect(await newestEvent()).toMatchObject({
    ...{ type: 'provider.closed', video_id: null, provider: STATISTICS_PROVIDER, closed_until: null },
  });
  expect(await collect()).toMatchObject({ stopped: 'provider_closed' });
  expect(youtube.calls).toHaveLength(1);
});

test.each([
  ['forbidden', 403],
  ['accessNotConfigured', 403],
  ['keyInvalid', 400],
])('%s is a wrong key too', async (reason, status) => {
  await known(channelName());
  youtube.script({ status, reason });
  expect(await collect()).toMatchObject({ stopped: 'provider_closed' });
});

test('failing answers are tried again and stored once', async () => {
  const id = channelName();
  await known(id);
  atYouTube(id);
  youtube.script({ status: 500, reason: 'backendError' }, { text: '{"items": [' }, { items: 'none' });
  expect(await collect()).toMatchObject({ channels: 1, stopped: null });
  expect(youtube.calls).toHaveLength(4);
  expect(await stored()).toHaveLength(1);
});

test('answers without fields are stored without figures', async () => {
  const ids = Array.from({ length: 4 }, channelName).sort();
  await known(...ids);
  youtube.script({
    items: [
      { id: ids[0] },
      { id: ids[1], statistics: {} },
      { id: ids[2], statistics: { viewCount: 'many', videoCount: 5 }, snippet: null },
      { id: ids[3], statistics: null },
    ],
  });
  expect(await collect()).toMatchObject({ channels: 4 });
  const none = { found: true, title: null, view_count: null, subscriber_count: null, video_count: null };
  expect((await stored()).map(({ metric_value }) => metric_value)).toEqual([
    { ...none, youtube_id: ids[0] },
    { ...none, youtube_id: ids[1] },
    { ...none, youtube_id: ids[2], video_count: 5 },
    { ...none, youtube_id: ids[3] },
  ]);
});

test('without a key nothing is asked', async () => {
  await known(channelName());
  pipeline.deps.secrets.youtubeApi = null;
  expect(await collect()).toMatchObject({ stopped: 'no_key' });
  expect(youtube.calls).toEqual([]);
});

test('the Schedule is made once by two at once, keeps a pause, follows the setting, and collects', async () => {
  const { temporal, config } = pipeline.deps;
  const every = (hours: number) => {
    const youtubeConfig = { ...config.youtube, statisticsMs: hours * HOUR_MS };
    return ensureStatisticsSchedule({ temporal, config: { ...config, youtube: youtubeConfig } });
  };
  await ensureStatisticsSchedule(pipeline.deps);
  await expect(schedule().describe()).rejects.toThrow();
  await Promise.all([every(6), every(6)]);
  const made = await schedule().describe();
  expect(made.spec.intervals).toMatchObject([{ every: 6 * HOUR_MS }]);
  expect(made.policies).toMatchObject({ overlap: 'SKIP' });
  await schedule().pause('by the operator');
  await every(6);
  expect((await schedule().describe()).info.lastUpdatedAt).toEqual(made.info.lastUpdatedAt);
  await every(12);
  const changed = await schedule().describe();
  expect(changed.spec.intervals).toMatchObject([{ every: 12 * HOUR_MS }]);
  expect(changed.state).toMatchObject({ paused: true, note: 'by the operator' });
  await known(channelName());
  await schedule().trigger();
  await eventually(stored, (rows) => rows.length === 1);
});
