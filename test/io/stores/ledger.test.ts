import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Charge } from '../../../domain/results.ts';
import { billOf } from '../../../infra/money/bill.ts';
import { chargeVideo, recordExternalCharge, spendOf } from '../../../infra/money/ledger.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

let id: string;
beforeEach(async () => {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  id = answer.video_id;
});

const at = { stage: 'script_generation', attempt: 1 } as const;

function aCharge(key: string, amount: number): Charge {
  return {
    key,
    amount,
    service: 'openai',
    operation: 'script',
    provider: 'openai',
    model: 'm',
    quantity: 1000,
    unit: 'token',
  };
}

async function eventsOf(type: string) {
  return (await deps.events.past(id)).filter((event) => event.type === type);
}

test('the same key again is the same charge, and another amount under it is an error', async () => {
  expect(await chargeVideo(deps, id, [aCharge('a', 10), aCharge('b', 5)], at)).toEqual({ total: 15, seq: 2 });
  expect(await chargeVideo(deps, id, [aCharge('a', 10), aCharge('c', 1)], at)).toEqual({ total: 16, seq: 3 });
  await expect(chargeVideo(deps, id, [aCharge('d', 1), aCharge('a', 11)], at)).rejects.toThrow(
    'charge a is in the ledger with another amount',
  );
  expect(await spendOf(deps.pool, id)).toEqual({ total: 16, seq: 3, cap: 3_000_000, held: 0 });
});

test('two hundred charges at once add up, and each leaves a total of its own', async () => {
  const states = await Promise.all(
    Array.from({ length: 200 }, (_, index) => chargeVideo(deps, id, [aCharge(`k${index}`, 3)], at)),
  );
  expect(new Set(states.map((state) => `${state.seq}:${state.total}`)).size).toBe(200);
  expect(states.every((state) => state.total === 3 * state.seq)).toBe(true);
  const bill = await billOf(deps.pool, id);
  expect(bill.charges).toHaveLength(200);
  expect(bill.total_cost).toBe(0.0006);
});

test('the same charge sent by twenty at once is billed once', async () => {
  await Promise.all(Array.from({ length: 20 }, () => chargeVideo(deps, id, [aCharge('same', 7)], at)));
  expect(await spendOf(deps.pool, id)).toMatchObject({ total: 7, seq: 1 });
  expect(await eventsOf('cost.charged')).toHaveLength(1);
});

test('each mark is told once, by the charge that crossed it', async () => {
  await Promise.all(
    Array.from({ length: 32 }, (_, index) => chargeVideo(deps, id, [aCharge(`m${index}`, 100_000)], at)),
  );
  // Each is published after its commit, so that two at once may be told in either order.
  const alerts = (await eventsOf('cost.alert')) as unknown as { cost: number }[];
  expect(alerts.toSorted((a, b) => a.cost - b.cost)).toMatchObject([
    { level: 'warning', cost: 2.5 },
    { level: 'critical', cost: 2.8 },
    { level: 'exceeded', cost: 3 },
  ]);
  expect((await billOf(deps.pool, id)).within_budget).toBe(false);
});

test('a charge from outside is known by its id', async () => {
  const charge = { video_id: id, id: 'x1', service: 'youtube_api', operation: 'upload', amount: 1_500_000 };
  expect(await recordExternalCharge(deps, charge)).toEqual({ total: 1_500_000, seq: 1 });
  expect(await recordExternalCharge(deps, charge)).toEqual({ total: 1_500_000, seq: 1 });
  expect((await billOf(deps.pool, id)).charges).toEqual([
    {
      stage: null,
      service: 'youtube_api',
      operation: 'upload',
      quantity: 1,
      unit: 'charge',
      amount: 1.5,
      state: 'charged',
    },
  ]);
});

test('a video without charges has an empty bill, an unknown one has none', async () => {
  expect(await billOf(deps.pool, id)).toMatchObject({
    total_cost: 0,
    cap: 3,
    within_budget: true,
    charges: [],
  });
  const unknown = '00000000-0000-4000-8000-000000000000';
  await expect(billOf(deps.pool, unknown)).rejects.toThrow('has no budget');
  await expect(spendOf(deps.pool, unknown)).rejects.toThrow('has no budget');
  await expect(chargeVideo(deps, unknown, [], at)).rejects.toThrow('has no budget');
});
