import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Charge } from '../../../domain/results.ts';
import { createEventStream } from '../../../infra/events/event-stream.ts';
import { chargeVideo, insertCharges } from '../../../infra/money/ledger.ts';
import { reconcile } from '../../../infra/queue/reconcile.ts';
import { inTransaction } from '../../../infra/stores/postgres.ts';
import { createTestDeps } from '../../support/test-deps.ts';
import { MoneyVideo } from './money-world.ts';

const AT = { stage: 'script_generation', attempt: 1 } as const;

const deps = await createTestDeps({ times: { redeliverMs: 0 } });
const away = createEventStream({ ...deps.config, redisUrl: 'redis://127.0.0.1:1' }, deps.log);
afterAll(() => Promise.all([away.close(), deps.close()]));

function aCharge(amount: number): Charge {
  const call = { service: 'openai', operation: 'script', provider: 'loopback', model: 'm' } as const;
  return { ...call, key: randomUUID(), quantity: 1, unit: 'call', amount };
}

async function alertsOf(id: string) {
  return (await deps.events.past(id)).filter(({ type }) => type === 'cost.alert');
}

test('a mark whose process died before it told it is told by reconcile, once', async () => {
  const { id } = await MoneyVideo.create(deps);
  await inTransaction(deps.pool, (tx) => insertCharges(tx, id, [aCharge(2_850_000)], AT));
  expect(await alertsOf(id)).toEqual([]);
  await reconcile(deps);
  await reconcile(deps);
  expect(await alertsOf(id)).toMatchObject([{ level: 'critical', cost: 2.85, stage: null }]);
});

test('a mark that was reached while Redis was away is told when it is back, and one that was told is not', async () => {
  const [missed, told] = [await MoneyVideo.create(deps), await MoneyVideo.create(deps)];
  await chargeVideo({ ...deps, events: away }, missed.id, [aCharge(2_600_000)], AT);
  await chargeVideo(deps, told.id, [aCharge(2_600_000)], AT);
  await reconcile({ ...deps, events: away });
  expect(await alertsOf(missed.id)).toEqual([]);
  await reconcile(deps);
  await reconcile(deps);
  for (const { id } of [missed, told]) {
    expect(await alertsOf(id)).toMatchObject([{ level: 'warning', cost: 2.6 }]);
  }
});
