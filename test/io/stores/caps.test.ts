import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Micros, toNumeric } from '../../../domain/money.ts';
import { type Complexity, ESTIMATED_COST } from '../../../domain/video.ts';
import type { Deps } from '../../../infra/deps.ts';
import { readChannel, setChannelLimit } from '../../../infra/money/channels.ts';
import { recordExternalCharge } from '../../../infra/money/ledger.ts';
import { retryVideo } from '../../../infra/moves/retry.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { endRow } from '../../support/scripted-video.ts';
import { createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

beforeEach(clear);

async function clear(): Promise<void> {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM channels');
  await registerPlaces(deps, { gpu: 50, cpu: 50 });
}

const dollars = (amount: number): Micros => Math.round(amount * 1_000_000);

/** The same stores under another limit of the day. */
function limitedTo(dailyLimit: Micros | null, timeZone = 'UTC'): Deps {
  return { ...deps, config: { ...deps.config, money: { ...deps.config.money, dailyLimit, timeZone } } };
}

interface Video {
  status?: 'queued' | 'processing' | 'completed' | 'cancelled';
  channel?: string;
  complexity?: Complexity;
  score?: number;
  spent?: Micros;
  held?: Micros;
  /** SQL of the end. */
  ended?: string;
}

async function insert(video: Video = {}): Promise<string> {
  const { status = 'queued', channel = 'a', complexity = 'simple', score = 0, spent = 0, held = 0 } = video;
  const id = randomUUID();
  const ended = status === 'queued' || status === 'processing' ? 'NULL' : (video.ended ?? 'now()');
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, request_data, estimated_cost, score,
       status, lane, completed_at)
     VALUES ($1, 'u', $2, 5, $3, '{"prompt": "p"}', $4, $5, $6, CASE WHEN $6 = 'processing' THEN 'cpu' END, ${ended})`,
    [id, channel, complexity, toNumeric(ESTIMATED_COST[complexity]), score, status],
  );
  await deps.pool.query('INSERT INTO video_budget (video_id, cap, spent, held) VALUES ($1, 3, $2, $3)', [
    id,
    toNumeric(spent),
    toNumeric(held),
  ]);
  return id;
}

const admitted = async (limited: Deps = deps) => (await commitAdmission(limited)).map(({ id }) => id);

test('a video that would cross the limit of the day waits, and the next one that fits goes in', async () => {
  const dear = await insert({ complexity: 'premium', score: 2 });
  const cheap = await insert({ score: 1 });
  const limited = limitedTo(dollars(2.5));
  expect(await admitted(limited)).toEqual([cheap]);
  expect(await readVideo(limited, dear)).toMatchObject({ waiting_for: 'daily_limit', eta: null });
  expect(await admitted(limitedTo(dollars(4.8)))).toEqual([dear]);
});

test('a channel at its limit holds up no other, and goes on when the limit is raised', async () => {
  await setChannelLimit(deps, 'a', 'anna', dollars(2));
  const [first, second] = [await insert({ score: 3 }), await insert({ score: 2 })];
  const other = await insert({ channel: 'b', score: 1 });
  expect(await admitted()).toEqual([first, other]);
  expect(await readVideo(deps, second)).toMatchObject({ waiting_for: 'channel_limit', position: 1 });
  expect(await readChannel(deps, 'a')).toEqual({ channel_id: 'a', daily_limit: 2, counted_today: 2 });
  await setChannelLimit(deps, 'a', 'anna', null);
  expect(await readVideo(deps, second)).toMatchObject({ status: 'processing' });
});

test('what ended today counts with what it cost, and what ended yesterday does not', async () => {
  await insert({ status: 'cancelled', spent: dollars(0.5) });
  await insert({ status: 'completed', spent: dollars(9), ended: `now() - interval '24 hours'` });
  const waiting = await insert();
  expect(await admitted(limitedTo(dollars(2.499999)))).toEqual([]);
  expect(await admitted(limitedTo(dollars(2.5)))).toEqual([waiting]);
});

test('what is in production counts with its estimate, or with what it has spent and held when that is more', async () => {
  await insert({ status: 'processing', spent: dollars(0.1) });
  await insert({ status: 'processing', spent: dollars(2), held: dollars(0.5) });
  const waiting = await insert();
  expect(await admitted(limitedTo(dollars(6.499999)))).toEqual([]);
  expect(await admitted(limitedTo(dollars(6.5)))).toEqual([waiting]);
});

test('a released video that has spent more than its estimate needs room for that', async () => {
  const released = await insert({ spent: dollars(2.3), held: dollars(0.2) });
  expect(await admitted(limitedTo(dollars(2.4)))).toEqual([]);
  expect(await admitted(limitedTo(dollars(2.5)))).toEqual([released]);
});

test('what a video has cost today counts while it waits again, and no room for it is asked twice', async () => {
  const failed = await insert({ score: 9 });
  expect(await admitted()).toEqual([failed]);
  await recordExternalCharge(deps, {
    video_id: failed,
    id: 'x',
    service: 'openai',
    operation: 'o',
    amount: 2_200_000,
  });
  await endRow(deps, failed, { status: 'failed', cost: '2.2', message: '' });
  const other = await insert();
  const limited = limitedTo(dollars(4));
  await deps.pool.query('DELETE FROM lane_workers');
  await retryVideo(limited, failed, 'anna');
  await deps.pool.query('UPDATE video_queue SET video_paused = true WHERE id = $1', [failed]);
  await registerPlaces(deps, { gpu: 50, cpu: 50 });
  expect(await admitted(limited)).toEqual([]);
  expect(await readVideo(limited, other)).toMatchObject({ waiting_for: 'daily_limit' });
  await deps.pool.query('UPDATE video_queue SET video_paused = false WHERE id = $1', [failed]);
  expect(await admitted(limitedTo(dollars(2.199999)))).toEqual([]);
  expect(await admitted(limitedTo(dollars(2.2)))).toEqual([failed]);
});

test('what a waiting video cost before today does not count', async () => {
  const failed = await insert({ spent: dollars(2.2) });
  await deps.pool.query('UPDATE video_queue SET admission_no = 1, video_paused = true WHERE id = $1', [
    failed,
  ]);
  await deps.pool.query(
    `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, state, timestamp)
     VALUES ($1, 'k', 'openai', 'o', 'p', 'm', 1, 'call', 2.2, 'charged', now() - interval '25 hours')`,
    [failed],
  );
  const other = await insert();
  expect(await admitted(limitedTo(dollars(2)))).toEqual([other]);
});

test('a new day makes room, and whose day it is says REPORT_TZ', async () => {
  // Kiritimati and Pago Pago are a day and an hour apart: an end 24.5 hours ago is today in neither or one of them.
  const midnight = (zone: string) =>
    `date_trunc('day', now() AT TIME ZONE '${zone}') AT TIME ZONE '${zone}' - interval '1 s'`;
  await insert({ status: 'completed', spent: dollars(2), ended: midnight('Pacific/Kiritimati') });
  const waiting = await insert();
  const { rows } = await deps.pool.query<{ today: boolean }>(
    `SELECT completed_at >= date_trunc('day', now() AT TIME ZONE 'Pacific/Pago_Pago') AT TIME ZONE 'Pacific/Pago_Pago'
       AS today FROM video_queue WHERE completed_at IS NOT NULL`,
  );
  const inSamoa = await readChannel(limitedTo(null, 'Pacific/Pago_Pago'), 'a');
  expect(inSamoa.counted_today).toBe(rows[0]?.today ? 2 : 0);
  expect(await admitted(limitedTo(dollars(2), 'Pacific/Kiritimati'))).toEqual([waiting]);
});

test('a position counts only the videos that admission may take now', async () => {
  await deps.pool.query('DELETE FROM lane_workers');
  await insert({ score: 9, channel: 'full' });
  await insert({ score: 8, complexity: 'premium' });
  const last = await insert({ score: 7 });
  expect(await readVideo(deps, last)).toMatchObject({ position: 3, waiting_for: 'place' });
  await setChannelLimit(deps, 'full', 'anna', dollars(1));
  expect(await readVideo(deps, last)).toMatchObject({ position: 2 });
  expect(await readVideo(limitedTo(dollars(2.1)), last)).toMatchObject({ position: 1, waiting_for: 'place' });
});

test('admissions that race never cross a limit', async () => {
  const limited = limitedTo(dollars(11));
  for (let round = 0; round < 10; round += 1) {
    await clear();
    await setChannelLimit(deps, 'a', 'anna', dollars(6));
    for (let n = 0; n < 12; n += 1) await insert({ channel: n % 2 ? 'a' : 'b', score: n });
    await Promise.all(Array.from({ length: 8 }, () => commitAdmission(limited)));
    const { rows } = await deps.pool.query(
      `SELECT channel_id, count(*) FROM video_queue WHERE status = 'processing' GROUP BY channel_id ORDER BY 1`,
    );
    // Five of $2.00 fit into $11.00, at most three of them into the $6.00 of channel a; the best scores take turns.
    expect(rows).toEqual([
      { channel_id: 'a', count: 3 },
      { channel_id: 'b', count: 2 },
    ]);
  }
});

const CHANNELS = ['a', 'b', 'c'];
const amount = fc.integer({ min: 0, max: 3_000_000 });
const anyVideo = fc.record({
  status: fc.constantFrom('queued', 'queued', 'queued', 'processing', 'completed', 'cancelled'),
  channel: fc.constantFrom(...CHANNELS),
  complexity: fc.constantFrom('simple', 'complex', 'premium'),
  spent: amount,
  held: amount.map((held) => Math.floor(held / 4)),
}) as fc.Arbitrary<Required<Omit<Video, 'score' | 'ended'>>>;
const anyLimit = fc.option(fc.integer({ min: 0, max: 15_000_000 }));

/** What counts of a video once it is, or has been, in production. */
function countedOf({ status, complexity, spent, held }: Required<Omit<Video, 'score' | 'ended'>>): Micros {
  const used = spent + held;
  return status === 'queued' || status === 'processing' ? Math.max(used, ESTIMATED_COST[complexity]) : used;
}

test('whatever was spent and is held, exactly the videos go in that fit under every limit', async () => {
  const setting = fc.tuple(
    fc.array(anyVideo, { minLength: 1, maxLength: 14 }),
    anyLimit,
    fc.tuple(anyLimit, anyLimit, anyLimit),
  );
  await fc.assert(
    fc.asyncProperty(setting, async ([videos, daily, limits]) => {
      await clear();
      for (const [index, channel] of CHANNELS.entries()) {
        await setChannelLimit(deps, channel, 'anna', limits[index] ?? null);
      }
      const ids: string[] = [];
      for (const [index, video] of videos.entries()) ids.push(await insert({ ...video, score: -index }));
      const room = (channel?: string) =>
        videos
          .filter(({ status }) => status !== 'queued')
          .filter((video) => channel === undefined || video.channel === channel)
          .reduce((left, video) => left - countedOf(video), 0);
      let left = (daily ?? Number.POSITIVE_INFINITY) + room();
      const of = new Map(
        CHANNELS.map((name, index) => [name, (limits[index] ?? Number.POSITIVE_INFINITY) + room(name)]),
      );
      const fitting = ids.filter((_, index) => {
        const video = videos[index];
        if (video?.status !== 'queued') return false;
        const cost = countedOf(video);
        if (cost > left || cost > (of.get(video.channel) ?? 0)) return false;
        left -= cost;
        of.set(video.channel, (of.get(video.channel) ?? 0) - cost);
        return true;
      });
      expect((await admitted(limitedTo(daily))).sort()).toEqual(fitting.sort());
    }),
    { numRuns: 40 },
  );
});
