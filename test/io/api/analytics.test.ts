import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import {
  channelStatistics,
  collecting,
  dailyMetrics,
  windowMetrics,
} from '../../../api/openapi/analytics-answers.ts';
import { problem } from '../../../api/openapi/answers.ts';
import { storeChannels } from '../../../infra/analytics/store-statistics.ts';
import type { Deps } from '../../../infra/deps.ts';
import { closeDay } from '../../../infra/publish/quota.ts';
import { connectTemporal } from '../../../infra/temporal/temporal.ts';
import { writeVideo } from '../../support/ended-videos.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps({ youtube: { statisticsMs: 3_600_000, unitsPerDay: 100 } });
const app = createApp(deps);
const JSON_TYPE = { 'content-type': 'application/json' };

afterAll(() => deps.close());
beforeEach(async () => {
  for (const table of ['analytics_data', 'youtube_quota', 'video_queue']) {
    await deps.pool.query(`DELETE FROM ${table}`);
  }
});

const channelName = () => `UC${randomBytes(11).toString('hex')}`;
const get = (path: string, headers = {}) => app.request(path, { headers });
const collect = (channel: string, through = app) =>
  through.request(`/analytics/channels/${channel}/collect`, { method: 'POST', headers: JSON_TYPE });

function seenWith(more: Partial<Deps['config']>): Deps {
  return { ...deps, config: { ...deps.config, ...more } };
}

async function store(channel_id: string, at: string, views: number | null, found = true): Promise<void> {
  const counts = { view_count: views, subscriber_count: null, video_count: 3 };
  const metric_value = { found, youtube_id: 'UCx', title: found ? '=A title' : null, ...counts };
  await storeChannels(deps.pool, at, [{ channel_id, metric_value }]);
}

test('a window and the days are answered as described, with the names of the seed', async () => {
  const at = new Date(Date.now() - 60_000).toISOString();
  await writeVideo(deps.pool, { at, seconds: 30, paid: [{ provider: 'openai', amount: 0.4 }] });
  await writeVideo(deps.pool, { at, status: 'failed', reason: 'timeout', stage: 'video_rendering' });
  const week = windowMetrics.parse(await (await get('/analytics/metrics?window=1week')).json());
  expect(week).toMatchObject({
    ...{ time_window: '1week', videos_processed: 2, avg_processing_time: 30, avg_cost: 0.2 },
    ...{ success_rate: 50, failed_videos: 1 },
    failures: [{ kind: 'timeout', stage: 'video_rendering', videos: 1, attempts: 0 }],
  });
  expect(windowMetrics.parse(await (await get('/analytics/metrics')).json()).time_window).toBe('1day');
  const daily = dailyMetrics.parse(await (await get('/pipeline/metrics/daily?days=2')).json());
  expect(daily.hourly).toMatchObject({ time_window: '1hour', videos_processed: 2 });
  expect(daily.totals).toEqual({ total_processed: 1, total_failed: 1 });
  expect(daily.days).toHaveLength(2);
});

test('a channel is shown over time, in a stretch of moments or of days of REPORT_TZ', async () => {
  const channel = channelName();
  const money = { ...deps.config.money, timeZone: 'Asia/Kolkata' };
  const kolkata = createApp(seenWith({ money }));
  const times = ['2027-04-30T18:29:59.999Z', '2027-04-30T18:30:00.000Z', '2027-05-01T18:29:59.000Z'];
  for (const [index, at] of times.entries()) await store(channel, at, index);
  await store(channel, '2027-05-01T18:30:00.000Z', null);
  const series = async (query: string) => {
    const answer = await kolkata.request(`/analytics/channels/${channel}?${query}`);
    return channelStatistics.parse(await answer.json());
  };
  const day = await series('from=2027-05-01&to=2027-05-01');
  expect(day.from).toBe('2027-04-30T18:30:00.000Z');
  expect(day.series).toEqual([
    { timestamp: times[1], view_count: 1, subscriber_count: null, video_count: 3 },
    { timestamp: times[2], view_count: 2, subscriber_count: null, video_count: 3 },
  ]);
  const moments = await series(`from=${times[2]}&to=2027-05-01T18:30:00%2B00:00`);
  expect(moments.series.map(({ view_count }) => view_count)).toEqual([2, null]);
  expect(moments.latest).toMatchObject({ view_count: null });
  expect((await series('to=2027-05-20')).series).toHaveLength(2 + 1 + 1);
  expect((await series('')).series).toEqual([]);
});

test('a channel that YouTube does not know is shown as that, with the figures that it had', async () => {
  const channel = channelName();
  await store(channel, '2027-01-01T00:00:00Z', 12);
  await store(channel, '2027-01-02T00:00:00Z', null, false);
  const view = channelStatistics.parse(await (await get(`/analytics/channels/${channel}`)).json());
  expect(view).toMatchObject({ state: 'not_found', latest: { view_count: 12 }, title: '=A title' });
});

test('what is collected twice is stored once', async () => {
  const channel = channelName();
  for (const views of [12, 13]) await store(channel, '2027-01-01T00:00:00Z', views);
  await store(channel, '2027-01-02T00:00:00Z', 14);
  const answer = await get(`/analytics/channels/${channel}?from=2027-01-01&to=2027-01-31`);
  const { series } = channelStatistics.parse(await answer.json());
  expect(series.map(({ view_count }) => view_count)).toEqual([12, 14]);
});

test('views of published videos are shown, those that were seen most first', async () => {
  const at = new Date().toISOString();
  for (const views of [3, null, 40]) await writeVideo(deps.pool, { at, channel: 'mine', views });
  const view = channelStatistics.parse(await (await get('/analytics/channels/mine')).json());
  expect(view).toMatchObject({ state: 'not_connected', youtube_id: null, latest: null });
  expect(view.videos).toMatchObject({
    published: 3,
    measured: 2,
    views: 43,
    top: [{ views: 40 }, { views: 3 }],
  });
});

test('each table comes as CSV, by Accept or by format, and no name in it is a formula', async () => {
  const at = new Date().toISOString();
  await writeVideo(deps.pool, {
    at,
    channel: '=cmd()',
    seconds: 5,
    paid: [{ provider: 'openai', amount: 1 }],
  });
  const csv = await get('/analytics/metrics', { accept: 'text/csv' });
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="metrics-1day.csv"');
  expect((await csv.text()).split('\r\n')).toEqual([
    'part,name,videos_processed,completed_videos,failed_videos,cancelled_videos,success_rate,avg_processing_time,avg_cost,total_cost',
    'all,1day,1,1,0,0,100,5,1,1',
    'complexity,simple,1,1,0,0,100,5,1,1',
    "channel,'=cmd(),1,1,0,0,100,5,1,1",
    'provider,openai,1,,,,,,1,1',
    '',
  ]);
  const days = await (await get('/pipeline/metrics/daily?days=1&format=csv')).text();
  expect(days).toMatch(/^date,videos,.*,revenue\r\n\d{4}-\d{2}-\d{2},1,1,0,0,1,1,1000,0,assumed,2\r\n$/);
  const channel = channelName();
  await store(channel, '2027-01-01T00:00:00Z', 12);
  const points = await get(`/analytics/channels/${channel}?format=csv&from=2027-01-01&to=2027-01-01`);
  expect((await points.text()).split('\r\n')[1]).toBe(`${channel},'=A title,2027-01-01T00:00:00.000Z,12,,3`);
  expect(
    (await get('/analytics/metrics?format=json', { accept: 'text/csv' })).headers.get('content-type'),
  ).toMatch(/json/);
});

test.each([
  ['/analytics/metrics?window=1year', 422, 'invalid_request', 'window'],
  ['/analytics/metrics?format=xml', 422, 'invalid_request', 'format'],
  ['/pipeline/metrics/daily?days=0', 422, 'invalid_request', 'days'],
  ['/costs/daily?date=0000-01-01', 422, 'invalid_request', 'date'],
  ['/analytics/channels/nobody', 404, 'channel_not_found', null],
  ['/analytics/channels/nobody?from=yesterday', 422, 'invalid_request', 'from'],
  ['/analytics/channels/nobody?from=0000-01-01', 422, 'invalid_request', 'from'],
  ['/analytics/channels/nobody?from=2027-02-30', 422, 'invalid_request', 'from'],
  ['/analytics/channels/nobody?from=2027-02-03&to=2027-02-01', 422, 'invalid_request', 'from'],
  ['/analytics/channels/nobody?from=2027-01-01&to=2028-03-01', 422, 'invalid_request', 'from'],
])('%s is refused with %d %s', async (path, status, code, field) => {
  const answer = await get(path);
  expect(answer.status).toBe(status);
  const { errors = [], ...refusal } = problem.parse(await answer.json());
  expect(refusal.code).toBe(code);
  expect(new Set(errors.map((error) => error.field))).toEqual(new Set(field === null ? [] : [field]));
});

test('a collection is started once for all who ask for it', async () => {
  const channel = channelName();
  const answers = await Promise.all([collect(channel), collect(channel)]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  const [first, second] = await Promise.all(
    answers.map(async (answer) => collecting.parse(await answer.json())),
  );
  expect(first).toEqual(second);
  const handle = deps.temporal.workflow.getHandle(first?.workflow_id ?? '');
  expect(await handle.describe()).toMatchObject({ type: 'collectStatistics' });
  await handle.terminate('the test is over');
});

test('a collection that cannot work is refused, and what mends it is named', async () => {
  const refused = async (channel: string, through = app) => {
    const answer = await collect(channel, through);
    const { code, detail } = problem.parse(await answer.json());
    return { status: answer.status, code, detail, after: answer.headers.get('retry-after') };
  };
  expect(await refused('main')).toMatchObject({
    ...{ status: 409, code: 'channel_not_connected', detail: expect.stringContaining('youtube connect') },
  });
  const off = createApp(seenWith({ youtube: { ...deps.config.youtube, statisticsMs: null } }));
  expect(await refused(channelName(), off)).toMatchObject({
    ...{ status: 409, code: 'statistics_off', detail: expect.stringContaining('YOUTUBE_API_KEY') },
  });
  const { address: _, ...temporal } = deps.config.temporal;
  const nowhere = { ...deps.config, temporal: { ...temporal, address: '127.0.0.1:9' } };
  const away = createApp({ ...deps, temporal: await connectTemporal(nowhere) });
  expect(await refused(channelName(), away)).toMatchObject({
    status: 503,
    code: 'temporal_away',
    after: '5',
  });
  await closeDay(deps.pool, 'units');
  const used = await refused(channelName());
  expect(used).toMatchObject({ status: 429, code: 'statistics_quota' });
  expect(Number(used.after)).toBeGreaterThan(0);
  expect(Number(used.after)).toBeLessThanOrEqual(25 * 3600);
});
