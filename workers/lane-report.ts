import type { GpuCard } from '../activities/gpu-card.ts';
import type { Deps } from '../infra/deps.ts';
import { goneRuns } from '../infra/gpu/gone-runs.ts';
import type { LaneLease } from '../infra/queue/lane-workers.ts';
import { createMachineFigures } from '../infra/views/machine-figures.ts';

/**
 * Renews the lease with how the lane does: places, figures, reservations. When an operator has asked for it, what is
 * reserved for jobs that are gone is freed. Throws what the renewal throws.
 */
export function createLaneReport(
  { pool, log }: Deps,
  lease: LaneLease,
  places: number,
  card: GpuCard | null,
): () => Promise<void> {
  const measure = createMachineFigures();
  let cleared = 0;
  return async () => {
    const trouble = card?.trouble() ?? null;
    const reservations = card?.memory.reservations() ?? [];
    const figures = await measure(card?.last() ?? null);
    const asked = await lease.renew({
      places: trouble === null ? places : 0,
      trouble,
      figures,
      reservations,
    });
    if (asked <= cleared || !card) return;
    const gone = await goneRuns(pool, reservations);
    log.warn({ freed: card.memory.free(gone) }, 'graphics memory was cleared of jobs that are gone');
    cleared = asked;
  };
}
