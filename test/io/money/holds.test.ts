import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  assumeHolds,
  assumeOldHolds,
  type Hold,
  hold,
  refundHold,
  settleHold,
} from '../../../infra/money/holds.ts';
import { chargeVideo, spendOf } from '../../../infra/money/ledger.ts';
import { settle } from '../../../infra/queue/settle.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { countWaiting } from '../../support/lock-waits.ts';
import { createTestDeps } from '../../support/test-deps.ts';
import { MoneyVideo } from './money-world.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

let video: MoneyVideo;
let run: number;
beforeEach(async () => {
  video = await MoneyVideo.create(deps);
  run = await video.begin();
});

const spend = () => spendOf(deps.pool, video.id);
const blocked = () => expect.poll(() => countWaiting(deps)).toBeGreaterThan(0);
const eventsOf = async (type: string) =>
  (await deps.events.past(video.id)).filter((event) => event.type === type);

async function held(amount: number): Promise<Hold> {
  const one = video.aHold(run, amount);
  expect(await hold(deps.pool, one)).toBe('held');
  return one;
}

test('two hundred holds at once never reach the cap, and what fits is held', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => video.hold(run, 100_000)));
  expect(answers.filter((answer) => answer === 'held')).toHaveLength(29);
  expect(answers.filter((answer) => answer === 'cost_limit')).toHaveLength(171);
  expect(await spend()).toMatchObject({ total: 0, held: 2_900_000 });
});

test('two hundred holds in open transactions never reach the cap either', async () => {
  const holdInTransaction = async () => {
    const tx = await deps.pool.connect();
    try {
      await tx.query('BEGIN');
      const answer = await video.hold(run, 100_000, tx);
      // The lock is held for a while, as in a transaction with more to do.
      await tx.query('SELECT pg_sleep(0.001)');
      await tx.query('COMMIT');
      return answer;
    } finally {
      tx.release();
    }
  };
  const answers = await Promise.all(Array.from({ length: 200 }, holdInTransaction));
  expect(answers.filter((answer) => answer === 'held')).toHaveLength(29);
  expect(await spend()).toMatchObject({ held: 2_900_000 });
});

test('a hold that would just reach the cap is refused, one below is not; a free call is refused at the cap', async () => {
  expect(await video.hold(run, 3_000_000)).toBe('cost_limit');
  expect(await video.hold(run, 2_999_999)).toBe('held');
  expect(await video.hold(run, 0)).toBe('held');
  await chargeVideo(deps, video.id, [video.charge(video.aHold(run, 0), 1)], { stage: null, attempt: null });
  expect(await video.hold(run, 0)).toBe('cost_limit');
});

test('the same hold again is one hold, and its key with another amount is an error', async () => {
  const one = await held(10);
  expect(await hold(deps.pool, one)).toBe('held');
  expect(await spend()).toMatchObject({ held: 10 });
  await expect(hold(deps.pool, { ...one, amount: 11 })).rejects.toThrow('with another amount');
  expect(await spend()).toMatchObject({ held: 10 });
});

test('a settled hold becomes its charges, once however often it is settled', async () => {
  const one = await held(100);
  const charges = [video.charge(one, 30), video.charge(one, 40, 2)];
  await Promise.all(Array.from({ length: 5 }, () => settleHold(deps, one, charges, null)));
  expect(await spend()).toMatchObject({ total: 70, held: 0, seq: 2 });
  expect(await video.ledger()).toEqual({ settled: 100, charged: 70 });
  await refundHold(deps.pool, one);
  expect(await assumeHolds(deps.pool, video.id)).toBeNull();
  expect(await spend()).toMatchObject({ total: 70, held: 0, seq: 2 });
});

test('a refunded hold costs nothing, once however often it is refunded', async () => {
  const one = await held(100);
  await Promise.all(Array.from({ length: 5 }, () => refundHold(deps.pool, one)));
  expect(await assumeHolds(deps.pool, video.id)).toBeNull();
  expect(await spend()).toMatchObject({ total: 0, held: 0, seq: 0 });
  expect(await video.ledger()).toEqual({ refunded: 100 });
});

test('an assumed hold is a charge of all of it, once however often it is assumed', async () => {
  const one = await held(100);
  const assumed = await Promise.all(Array.from({ length: 5 }, () => assumeHolds(deps.pool, video.id)));
  expect(assumed.filter(Boolean)).toHaveLength(1);
  await refundHold(deps.pool, one);
  expect(await spend()).toMatchObject({ total: 100, held: 0, seq: 1 });
});

test('a bill that comes after its hold was assumed adds only what is above it', async () => {
  const [cheap, dear] = [await held(100), await held(100)];
  await assumeHolds(deps.pool, video.id);
  await settleHold(deps, cheap, [video.charge(cheap, 30)], null);
  expect(await spend()).toMatchObject({ total: 200, held: 0 });
  for (let n = 0; n < 2; n += 1) {
    await settleHold(deps, dear, [video.charge(dear, 90), video.charge(dear, 50, 2)], null);
  }
  expect(await spend()).toMatchObject({ total: 240, held: 0 });
});

test('a bill above its hold is recorded in full, with one alert', async () => {
  const one = await held(100);
  for (let n = 0; n < 2; n += 1) await settleHold(deps, one, [video.charge(one, 3_100_000)], null);
  expect(await spend()).toMatchObject({ total: 3_100_000, held: 0 });
  expect((await eventsOf('cost.alert')).map((event) => 'level' in event && event.level)).toEqual([
    'exceeded',
    'price_mismatch',
  ]);
});

test('an attempt that is not the newest may not hold, and what it held is assumed', async () => {
  await held(100);
  const next = await video.begin(2);
  expect(await spend()).toMatchObject({ total: 100, held: 0 });
  expect(await video.hold(run, 10)).toBe('superseded');
  expect(await video.hold(next, 10)).toBe('held');
  expect(await spend()).toMatchObject({ total: 100, held: 10 });
});

test('a hold that waits for the begin of the next attempt is refused', async () => {
  const tx = await deps.pool.connect();
  await tx.query('BEGIN');
  await tx.query(
    `UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = 'worker_lost' WHERE id = $1`,
    [run],
  );
  expect(await assumeHolds(tx, video.id)).toBeNull();
  const waiting = video.hold(run, 100);
  await blocked();
  await tx.query('COMMIT');
  tx.release();
  expect(await waiting).toBe('superseded');
  expect(await spend()).toMatchObject({ total: 0, held: 0 });
});

test('the begin of the next attempt waits for a hold that came first, and assumes it', async () => {
  const tx = await deps.pool.connect();
  await tx.query('BEGIN');
  expect(await video.hold(run, 100, tx)).toBe('held');
  const beginning = video.begin(2);
  await blocked();
  await tx.query('COMMIT');
  tx.release();
  await beginning;
  expect(await spend()).toMatchObject({ total: 100, held: 0 });
});

test('the end of a video closes its attempts, and what they held was spent', async () => {
  await held(100);
  const end = { status: 'cancelled', reason: 'operator_cancel', stage: null, message: null } as const;
  await settle(deps, { ...end, ...video.input, chain: 'c' });
  expect(await spend()).toMatchObject({ total: 100, held: 0 });
  const { rows } = await deps.pool.query('SELECT actual_cost FROM video_queue WHERE id = $1', [video.id]);
  expect(rows).toEqual([{ actual_cost: '0.000100' }]);
  expect(await video.hold(run, 10)).toBe('superseded');
  expect(await eventsOf('cost.alert')).toEqual([]);
});

test('a hold that nobody comes back for is assumed after a quarter of an hour, and not before', async () => {
  await held(100);
  await assumeOldHolds(deps);
  expect(await spend()).toMatchObject({ held: 100 });
  await deps.pool.query(`UPDATE pipeline_costs SET timestamp = timestamp - interval '16 minutes'`);
  await Promise.all([assumeOldHolds(deps), assumeOldHolds(deps)]);
  expect(await spend()).toMatchObject({ total: 100, held: 0 });
});

test('a charge after the end is in the ledger and is told, and the ending stays', async () => {
  const end = { status: 'failed', reason: 'bug', stage: null, message: 'x' } as const;
  await settle(deps, { ...end, ...video.input, chain: 'c' });
  const late = video.charge(video.aHold(run, 0), 3_500_000);
  for (let n = 0; n < 2; n += 1) await chargeVideo(deps, video.id, [late], { stage: null, attempt: null });
  expect(await spend()).toMatchObject({ total: 3_500_000 });
  expect(await readVideo(deps, video.id)).toMatchObject({ status: 'failed', reason: 'bug' });
  expect(await eventsOf('cost.alert')).toMatchObject([{ level: 'late_charge', cost: 3.5 }]);
});

test('marks are told once, though two processes charge at once and cross them again and again', async () => {
  const one = video.charge(video.aHold(run, 0), 2_600_000);
  const at = { stage: 'script_generation', attempt: 1 } as const;
  await Promise.all(Array.from({ length: 20 }, () => chargeVideo(deps, video.id, [one], at)));
  await chargeVideo(deps, video.id, [video.charge(video.aHold(run, 0), 250_000)], at);
  await chargeVideo(deps, video.id, [video.charge(video.aHold(run, 0), 10)], at);
  expect(await eventsOf('cost.alert')).toMatchObject([
    { level: 'warning', cost: 2.6, stage: 'script_generation' },
    { level: 'critical', cost: 2.85 },
  ]);
  const { rows } = await deps.pool.query('SELECT level FROM cost_alerts WHERE video_id = $1 ORDER BY at', [
    video.id,
  ]);
  expect(rows).toEqual([{ level: 'warning' }, { level: 'critical' }]);
});
