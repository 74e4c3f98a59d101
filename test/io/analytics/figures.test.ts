import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readDaily } from '../../../infra/analytics/daily.ts';
import { readFailures } from '../../../infra/analytics/failures.ts';
import { readWindow, WINDOWS } from '../../../infra/analytics/window.ts';
import type { Deps } from '../../../infra/deps.ts';
import { type VideoRow, writeVideo } from '../../support/ended-videos.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const NOON = new Date('2027-03-03T12:00:00Z');

afterAll(() => deps.close());
beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
});

/** The same database seen with other settings. */
function seenWith(money: Partial<Deps['config']['money']>): Pick<Deps, 'pool' | 'config'> {
  return { pool: deps.pool, config: { ...deps.config, money: { ...deps.config.money, ...money } } };
}

async function write(rows: readonly VideoRow[]): Promise<void> {
  for (const row of rows) await writeVideo(deps.pool, row);
}

const RENDER = 'video_rendering';

/** Three days that end at noon of the third; what each figure must be is worked out beside the tests. */
const THREE_DAYS: VideoRow[] = [
  {
    ...{ at: '2027-03-01T00:00:00Z', seconds: 100, views: 500 },
    paid: [
      { provider: 'openai', amount: 0.2 },
      { provider: 'local', amount: 0.1, stage: RENDER },
    ],
    runs: [
      { stage: 'script_generation', seconds: 10 },
      { stage: RENDER, seconds: 60 },
    ],
  },
  {
    ...{ at: '2027-03-01T10:00:00Z', seconds: 50, channel: 'beta', complexity: 'complex' },
    ...{ status: 'failed', reason: 'timeout', stage: RENDER },
    paid: [{ provider: 'local', amount: 0.3, stage: RENDER }],
    runs: [
      { stage: RENDER, seconds: 20, kind: 'timeout' },
      { stage: RENDER, seconds: 20, kind: 'timeout' },
    ],
  },
  { at: '2027-03-02T11:59:00Z', seconds: 120, paid: [{ provider: 'openai', amount: 0.15 }], views: 3_000 },
  {
    ...{ at: '2027-03-02T12:00:00Z', seconds: 150, channel: 'beta', complexity: 'premium' },
    paid: [{ provider: 'openai', amount: 0.5 }],
  },
  {
    ...{ at: '2027-03-02T12:00:01Z', seconds: 300, channel: 'beta', complexity: 'premium', views: null },
    paid: [
      { provider: 'openai', amount: 0.75 },
      { provider: 'pexels', amount: 0.25, stage: 'media_collection' },
    ],
  },
  {
    ...{ at: '2027-03-02T23:59:59.999Z', seconds: 200, channel: 'gamma' },
    ...{ status: 'cancelled', reason: 'cost_limit', stage: 'script_generation' },
    paid: [{ provider: 'openai', amount: 3 }],
  },
  {
    ...{ at: '2027-03-03T00:00:00Z', seconds: 10, status: 'cancelled', reason: 'operator_cancel' },
    paid: [{ provider: 'openai', amount: 0.05 }],
  },
  {
    ...{ at: '2027-03-03T11:30:00Z', seconds: 400, channel: 'beta', complexity: 'complex' },
    paid: [
      { provider: 'openai', amount: 0.4, at: '2027-03-03T10:50:00Z' },
      { provider: 'openai', amount: 0.6, at: '2027-03-03T11:20:00Z' },
    ],
    runs: [
      { stage: 'script_generation', seconds: 5, kind: 'rate_limited' },
      { stage: 'script_generation', seconds: 15 },
    ],
  },
  { at: '2027-03-03T12:00:00Z', seconds: 60, paid: [{ provider: 'offline', amount: 0 }] },
  {
    ...{ at: '2027-03-03T11:45:00Z', status: 'processing', channel: 'delta' },
    paid: [{ provider: 'openai', amount: 0.07 }],
  },
];

const whole = (
  [processed, completed, failed, cancelled]: [number, number, number, number],
  [rate, time, cost, total]: [number | null, number | null, number | null, number],
) => ({
  ...{ videos_processed: processed, completed_videos: completed, failed_videos: failed },
  ...{ cancelled_videos: cancelled, success_rate: rate, avg_processing_time: time, avg_cost: cost },
  total_cost: total,
});

describe('three days of known videos', () => {
  beforeEach(() => write(THREE_DAYS));

  test.each([
    // The ninth and the eighth; of its dollar 0.60 was charged within the hour, and 0.07 of the one in production.
    ['1hour', '2027-03-03T11:00:00.000Z', whole([2, 2, 0, 0], [100, 230, 0.5, 0.67])],
    // From the fifth on: the fourth ended when the window began. 3 of 4 that were to be finished; 760 s / 3; 5.05 / 5.
    ['1day', '2027-03-02T12:00:00.000Z', whole([5, 3, 0, 2], [75, 253.333, 1.01, 5.12])],
    // 6 of 8; 1,130 s / 6; 6.30 / 9.
    ['1week', '2027-02-24T12:00:00.000Z', whole([9, 6, 1, 2], [75, 188.333, 0.7, 6.37])],
  ] as const)('%s has the figures that were worked out by hand', async (window, from, expected) => {
    const metrics = await readWindow(deps, window, NOON);
    expect(metrics).toMatchObject({ time_window: window, from, to: NOON.toISOString(), ...expected });
  });

  test('a week in its parts has the figures that were worked out by hand', async () => {
    const { by_complexity, by_channel, by_provider } = await readWindow(deps, '1week', NOON);
    expect(by_complexity).toEqual([
      { complexity: 'complex', ...whole([2, 1, 1, 0], [50, 400, 0.65, 1.3]) },
      { complexity: 'premium', ...whole([2, 2, 0, 0], [100, 225, 0.75, 1.5]) },
      // 280 s / 3; 3.50 / 5, and 0.07 of the one in production.
      { complexity: 'simple', ...whole([5, 3, 0, 2], [75, 93.333, 0.7, 3.57]) },
    ]);
    expect(by_channel).toEqual([
      { channel_id: 'alpha', ...whole([4, 3, 0, 1], [100, 93.333, 0.125, 0.5]) },
      { channel_id: 'beta', ...whole([4, 3, 1, 0], [75, 283.333, 0.7, 2.8]) },
      { channel_id: 'delta', ...whole([0, 0, 0, 0], [null, null, null, 0.07]) },
      { channel_id: 'gamma', ...whole([1, 0, 0, 1], [0, null, 3, 3]) },
    ]);
    expect(by_provider).toEqual([
      // 60 s of the one video and 2 × 20 s of the other.
      { provider: 'local', videos: 2, charges: 2, total_cost: 0.4, avg_cost: 0.2, avg_stage_time: 50 },
      { provider: 'offline', videos: 1, charges: 1, total_cost: 0, avg_cost: 0, avg_stage_time: null },
      // 10 s of the one and 5 s + 15 s of the other.
      { provider: 'openai', videos: 8, charges: 9, total_cost: 5.72, avg_cost: 0.715, avg_stage_time: 15 },
      { provider: 'pexels', videos: 1, charges: 1, total_cost: 0.25, avg_cost: 0.25, avg_stage_time: null },
    ]);
  });

  test('failures are told by kind and stage, those that a later attempt made good too', async () => {
    const week = await readWindow(deps, '1week', NOON);
    expect(await readFailures(deps, week)).toEqual([
      { kind: 'timeout', stage: RENDER, videos: 1, attempts: 2 },
      { kind: 'cost_limit', stage: 'script_generation', videos: 1, attempts: 0 },
      { kind: 'rate_limited', stage: 'script_generation', videos: 0, attempts: 1 },
    ]);
    expect(await readFailures(deps, await readWindow(deps, '1hour', NOON))).toEqual([
      { kind: 'rate_limited', stage: 'script_generation', videos: 0, attempts: 1 },
    ]);
  });

  test('days and revenue have the figures that were worked out by hand', async () => {
    const { days, revenue, totals, realtime } = await readDaily(seenWith({ cpm: 2_500_000 }), 3, NOON);
    expect(days).toEqual([
      {
        ...{
          date: '2027-03-03',
          videos: 3,
          completed: 2,
          failed: 0,
          cancelled: 1,
          cost: 1.12,
          average_cost: 0.35,
        },
        ...{ views: 2_000, measured_videos: 0, views_source: 'assumed', revenue: 5 },
      },
      {
        ...{
          date: '2027-03-02',
          videos: 4,
          completed: 3,
          failed: 0,
          cancelled: 1,
          cost: 4.65,
          average_cost: 1.1625,
        },
        // 3,000 measured and 2 × 1,000.
        ...{ views: 5_000, measured_videos: 1, views_source: 'mixed', revenue: 12.5 },
      },
      {
        ...{
          date: '2027-03-01',
          videos: 2,
          completed: 1,
          failed: 1,
          cancelled: 0,
          cost: 0.6,
          average_cost: 0.3,
        },
        ...{ views: 500, measured_videos: 1, views_source: 'measured', revenue: 1.25 },
      },
    ]);
    expect(revenue).toMatchObject({
      ...{ daily_videos: 2, estimated_daily_revenue: 5, estimated_monthly_revenue: 18.75, cpm: 2.5 },
      ...{ views_per_video: 1_000, views_source: 'mixed', measured_videos: 2 },
      months: [
        { month: '2027-03', videos: 6, measured_videos: 2, views: 7_500, revenue: 18.75 },
        { month: '2027-02', videos: 0, measured_videos: 0, views: 0, views_source: null, revenue: 0 },
      ],
    });
    expect(totals).toEqual({ total_processed: 6, total_failed: 1 });
    expect(realtime).toMatchObject({ queue_depth: 0, processing_count: 1 });
  });

  test('a month is that of the calendar, and the last thirty days are thirty', async () => {
    await write([
      { at: '2027-02-01T00:00:00Z' },
      { at: '2027-01-31T23:59:59Z' },
      { at: '2027-02-02T00:00:00Z' },
    ]);
    const { revenue } = await readDaily(deps, 1, NOON);
    expect(revenue.months.map(({ month, videos }) => [month, videos])).toEqual([
      ['2027-03', 6],
      ['2027-02', 2],
    ]);
    // From 2 February on: 6 of March and one of February, of which two are measured with 3,500 views in all.
    expect(revenue.estimated_monthly_revenue).toBe(17);
    const january = await readDaily(deps, 40, new Date('2027-01-31T23:59:59.5Z'));
    expect(january.revenue.months.map(({ month, videos }) => [month, videos])).toEqual([
      ['2027-01', 1],
      ['2026-12', 0],
    ]);
    expect(january.days).toHaveLength(40);
  });
});

test('an empty database has zeros and nulls', async () => {
  const nothing = whole([0, 0, 0, 0], [null, null, null, 0]);
  for (const window of WINDOWS) {
    const metrics = await readWindow(deps, window);
    expect(metrics).toMatchObject({ ...nothing, by_complexity: [], by_channel: [], by_provider: [] });
    expect(await readFailures(deps, metrics)).toEqual([]);
  }
  const daily = await readDaily(deps, 2);
  expect(daily).toMatchObject({
    hourly: nothing,
    daily: nothing,
    totals: { total_processed: 0, total_failed: 0 },
  });
  expect(daily.revenue).toMatchObject({
    ...{ daily_videos: 0, estimated_daily_revenue: 0, estimated_monthly_revenue: 0, views_source: null },
  });
  expect(daily.days).toHaveLength(2);
  expect(daily.days[1]).toMatchObject({ videos: 0, cost: 0, average_cost: null, views: 0, revenue: 0 });
});
