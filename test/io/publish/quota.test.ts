import { afterAll, beforeEach, expect, test } from 'vitest';
import { closeChannel, closeDay, takeUnits, takeUpload } from '../../../infra/publish/quota.ts';
import { viewPublication } from '../../../infra/publish/view.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps({ youtube: { uploadsPerDay: 2, unitsPerDay: 1_000 } });
/** An ordinary day, at noon in Los Angeles; the next one begins at 08:00 UTC. */
const NOON = new Date('2027-01-15T20:00:00Z');
const MIDNIGHT = '2027-01-16T08:00:00.000Z';

afterAll(() => deps.close());
beforeEach(async () => {
  for (const table of ['video_queue', 'youtube_quota', 'youtube_channels'])
    await deps.pool.query(`DELETE FROM ${table}`);
});

/** Videos that wait for their upload, in the order in which they were ready. */
async function ready(count: number, channel = 'main'): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await submitOrder(deps, anOrder());
    if (!answer.accepted) throw new Error(answer.code);
    ids.push(answer.video_id);
  }
  await deps.pool.query(
    `INSERT INTO publications (video_id, channel_id, ready_at)
     SELECT id, $2, $3::timestamptz + n * interval '1 second' FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)`,
    [ids, channel, NOON],
  );
  return ids;
}

async function times(ids: readonly string[], now = NOON) {
  const views = await Promise.all(ids.map((id) => viewPublication(deps, id, now)));
  return views.map((view) => view?.at);
}

test('ready packages go in the order of their completion, and each is told its day', async () => {
  const ids = await ready(5);
  expect(await times(ids)).toEqual([
    NOON.toISOString(),
    NOON.toISOString(),
    MIDNIGHT,
    MIDNIGHT,
    '2027-01-17T08:00:00.000Z',
  ]);
  expect(await takeUpload(deps, ids[2] ?? '', NOON)).toBe(false);
  expect(await takeUpload(deps, ids[1] ?? '', NOON)).toBe(true);
  expect(await takeUpload(deps, ids[0] ?? '', NOON)).toBe(true);
  expect(await takeUpload(deps, ids[2] ?? '', NOON)).toBe(false);
  expect(await times(ids.slice(2))).toEqual([MIDNIGHT, MIDNIGHT, '2027-01-17T08:00:00.000Z']);
  expect(await takeUpload(deps, ids[2] ?? '', new Date(MIDNIGHT))).toBe(true);
});

test('of ten that ask at once no more are let through than a day allows', async () => {
  const ids = await ready(10);
  const taken = await Promise.all(ids.map((id) => takeUpload(deps, id, NOON)));
  expect(taken.filter(Boolean)).toHaveLength(2);
});

test.each([
  ['in winter', '2027-01-15T20:00:00Z', '2027-01-16T08:00:00.000Z'],
  ['in summer', '2027-07-15T20:00:00Z', '2027-07-16T07:00:00.000Z'],
  ['before the night that loses an hour', '2027-03-14T07:59:59Z', '2027-03-14T08:00:00.000Z'],
  ['after it', '2027-03-14T10:30:00Z', '2027-03-15T07:00:00.000Z'],
  ['before the night that has one more', '2027-11-07T06:59:59Z', '2027-11-07T07:00:00.000Z'],
  ['after it', '2027-11-07T09:30:00Z', '2027-11-08T08:00:00.000Z'],
  ['a second before midnight', '2027-01-16T07:59:59Z', '2027-01-16T08:00:00.000Z'],
  ['at midnight', '2027-01-16T08:00:00Z', '2027-01-17T08:00:00.000Z'],
])('a day that is used up %s ends at midnight in Los Angeles', async (_, now, midnight) => {
  const ids = await ready(1);
  await closeDay(deps.pool, 'uploads', new Date(now));
  expect(await times(ids, new Date(now))).toEqual([midnight]);
  expect(await takeUpload(deps, ids[0] ?? '', new Date(now))).toBe(false);
  expect(await takeUpload(deps, ids[0] ?? '', new Date(midnight))).toBe(true);
});

test('an account that takes no more holds back its own videos alone', async () => {
  await deps.pool.query(
    `INSERT INTO youtube_channels (channel_id, youtube_id, title, refresh_token) VALUES ('full', 'UC', 'x', 'x')`,
  );
  const full = await ready(3, 'full');
  const others = await ready(2, 'other');
  await closeChannel(deps.pool, 'full', NOON);
  expect(await times([...full.slice(0, 1), ...others])).toEqual([
    MIDNIGHT,
    NOON.toISOString(),
    NOON.toISOString(),
  ]);
});

test('captions leave the units that the thumbnails of coming videos need', async () => {
  await ready(4);
  const calls = ['captions.insert', 'captions.insert', 'thumbnails.set'] as const;
  const taken: boolean[] = [];
  for (const call of calls) taken.push(await takeUnits(deps, call, NOON));
  expect(taken).toEqual([true, true, true]);
  expect(await takeUnits(deps, 'captions.insert', NOON)).toBe(false);
  expect(await takeUnits(deps, 'captions.insert', new Date(MIDNIGHT))).toBe(true);
});
