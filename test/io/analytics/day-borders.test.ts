import { afterAll, beforeEach, expect, test } from 'vitest';
import { readDaily } from '../../../infra/analytics/daily.ts';
import { writeVideo } from '../../support/ended-videos.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();

afterAll(() => deps.close());
beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
});

/** A zone, the moment that is now, and moments with the day that each belongs to. */
const BORDERS: [zone: string, now: string, moments: [string, string][]][] = [
  [
    'America/Los_Angeles',
    '2027-03-15T20:00:00Z',
    [
      ['2027-03-14T07:59:59.999Z', '2027-03-13'],
      ['2027-03-14T08:00:00Z', '2027-03-14'],
      // This day has 23 hours.
      ['2027-03-15T06:59:59.999Z', '2027-03-14'],
      ['2027-03-15T07:00:00Z', '2027-03-15'],
    ],
  ],
  [
    'America/Los_Angeles',
    '2027-11-08T20:00:00Z',
    [
      ['2027-11-07T06:59:59.999Z', '2027-11-06'],
      ['2027-11-07T07:00:00Z', '2027-11-07'],
      // And this one 25, of which the hour from one to two comes twice.
      ['2027-11-07T08:30:00Z', '2027-11-07'],
      ['2027-11-07T09:30:00Z', '2027-11-07'],
      ['2027-11-08T07:59:59.999Z', '2027-11-07'],
      ['2027-11-08T08:00:00Z', '2027-11-08'],
    ],
  ],
  [
    'Asia/Kolkata',
    '2027-05-02T00:00:00Z',
    [
      ['2027-04-30T18:29:59.999Z', '2027-04-30'],
      ['2027-04-30T18:30:00Z', '2027-05-01'],
      ['2027-05-01T18:29:59.999Z', '2027-05-01'],
      ['2027-05-01T18:30:00Z', '2027-05-02'],
    ],
  ],
  [
    'Pacific/Apia',
    '2027-01-01T11:00:00Z',
    [
      ['2026-12-31T10:59:59.999Z', '2026-12-31'],
      ['2026-12-31T11:00:00Z', '2027-01-01'],
      ['2027-01-01T10:59:59.999Z', '2027-01-01'],
      ['2027-01-01T11:00:00Z', '2027-01-02'],
    ],
  ],
];

test.each(BORDERS)('days of %s, seen at %s, end at its midnight', async (timeZone, now, moments) => {
  for (const [at] of moments) {
    await writeVideo(deps.pool, { at, paid: [{ provider: 'openai', amount: 0.25 }] });
  }
  const config = { ...deps.config, money: { ...deps.config.money, timeZone } };
  const { days, revenue } = await readDaily({ pool: deps.pool, config }, 5, new Date(now));
  const wanted = new Map<string, number>();
  for (const [, date] of moments) wanted.set(date, (wanted.get(date) ?? 0) + 1);
  const busy = days.filter(({ videos }) => videos > 0);
  expect(busy.map(({ date, completed, cost, views }) => [date, completed, cost, views])).toEqual(
    [...wanted].reverse().map(([date, count]) => [date, count, count * 0.25, count * 1_000]),
  );
  expect(revenue.daily_videos).toBe(wanted.get(days[0]?.date ?? '') ?? 0);
});
