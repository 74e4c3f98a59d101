import { CHARGE_RECORDED, type ChargeSignal } from '../../domain/contract.ts';
import type { Deps } from '../deps.ts';

/** Temporal may be away, and somebody waits. */
const SIGNAL_DEADLINE_MS = 1_000;

/**
 * Tells a workflow, or one run of it, of money that was spent. Throws when it was not told within a second; a lost signal
 * heals at the next border.
 */
export function signalCharge(
  { temporal }: Pick<Deps, 'temporal'>,
  workflow: { workflow_id: string; run_id?: string },
  signal: ChargeSignal,
): Promise<void> {
  const handle = temporal.workflow.getHandle(workflow.workflow_id, workflow.run_id);
  return temporal.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () => handle.signal(CHARGE_RECORDED, signal));
}
