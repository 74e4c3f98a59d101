import type { Deps } from '../deps.ts';
import { audit } from '../moves/audit.ts';
import { inTransaction } from '../stores/postgres.ts';
import { goneRuns } from './gone-runs.ts';
import type { GpuReservation } from './memory.ts';

/**
 * Frees the graphics memory that is reserved for jobs that are gone: at once in what is shown, and in the workers with
 * their next renewal, within 5 s. What running jobs hold stays theirs. Returns how many reservations are freed.
 */
export async function clearGpu({ pool }: Pick<Deps, 'pool'>, who: string): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ worker: string; reservations: GpuReservation[] }>(
      `SELECT worker, reservations FROM lane_workers WHERE lane = 'gpu' FOR UPDATE`,
    );
    const gone = new Set(
      await goneRuns(
        tx,
        rows.flatMap(({ reservations }) => reservations),
      ),
    );
    for (const { worker, reservations } of rows) {
      const kept = reservations.filter(({ run }) => !gone.has(run));
      await tx.query(
        'UPDATE lane_workers SET gpu_clears = gpu_clears + 1, reservations = $2 WHERE worker = $1',
        [worker, JSON.stringify(kept)],
      );
    }
    await audit(tx, who, 'clear_gpu', null, { freed: gone.size });
    return gone.size;
  });
}
