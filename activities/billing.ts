import type { SpendState } from '../domain/budget.ts';
import { CHARGE_RECORDED, type ChargeSignal } from '../domain/contract.ts';
import type { Micros } from '../domain/money.ts';
import type { Charge, Usage } from '../domain/results.ts';
import { chargeVideo } from '../infra/ledger.ts';
import { priceUsage } from '../infra/prices.ts';
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
 * Records money while the stage still runs, in a transaction of its own, and tells the workflow, which
 * cancels the video when the cap is reached. A lost signal heals with the stage's outcome.
 */
export async function chargeNow(attempt: Attempt, usage: readonly Usage[]): Promise<void> {
  const charges = priced(attempt, usage);
  if (charges.length === 0) return;
  const { deps, input, spec, run } = attempt;
  const at = { stage: spec.name, attempt: run.attempt };
  const spend = await chargeVideo(deps, input.video_id, charges, at);
  if (sumOf(charges) > 0) await tellWorkflow(attempt, charges, spend);
}

/** Amounts together, in micro-dollars. */
export function sumOf(charges: readonly Charge[]): Micros {
  return charges.reduce((sum, { amount }) => sum + amount, 0);
}

async function tellWorkflow(attempt: Attempt, charges: readonly Charge[], spend: SpendState): Promise<void> {
  const { deps, run, log } = attempt;
  const signal: ChargeSignal = { id: charges[0]?.key ?? attempt.name, amount: sumOf(charges), ...spend };
  const handle = deps.temporal.workflow.getHandle(run.workflow_id, run.run_id);
  try {
    await handle.signal(CHARGE_RECORDED, signal);
  } catch (error) {
    log.warn({ err: error }, 'the workflow was not told of a charge; it learns of it at the next border');
  }
}
