import { sumOf } from '../domain/money.ts';
import type { Charge, Usage } from '../domain/results.ts';
import { chargeVideo } from '../infra/money/ledger.ts';
import { priceUsage } from '../infra/money/prices.ts';
import type { Attempt } from './attempt.ts';

/** Prices what was used and gives each line its key in the ledger. Throws when something has no price. */
export function priced(attempt: Attempt, usage: readonly Usage[]): Charge[] {
  const { prices } = attempt.deps;
  return usage.map((one) => ({ ...one, key: attempt.nextKey(), amount: priceUsage(prices, one) }));
}

/** Time on a lane's machine since the attempt began; stages that only wait for the network have none. */
export function computeUsage({ spec, input, startedAtMs }: Attempt): Usage[] {
  if (spec.queue !== 'lane') return [];
  const { lane } = input;
  const quantity = (Date.now() - startedAtMs) / 1000;
  const service = lane === 'gpu' ? 'gpu_compute' : 'cpu_compute';
  return [
    { service, operation: spec.name, provider: 'local', model: `${lane}-slot`, quantity, unit: 'second' },
  ];
}

/**
 * Bills the machine's time of an attempt that failed, and waits until the workflow knows of all that was spent: no
 * result of the stage will tell it.
 */
export async function billFailure(attempt: Attempt): Promise<void> {
  const { deps, input, spec, run, spend } = attempt;
  const charges = priced(attempt, computeUsage(attempt));
  if (charges.length > 0) {
    const state = await chargeVideo(deps, input.video_id, charges, {
      stage: spec.name,
      attempt: run.attempt,
    });
    const amount = sumOf(charges);
    if (amount > 0) spend.tell({ id: charges[0]?.key ?? attempt.name, amount, ...state });
  }
  await spend.told();
}
