import type { Db } from '../stores/postgres.ts';
import type { GpuReservation } from './memory.ts';

/** Of these reservations the attempts that have their end, or whose video is not in production any more. */
export async function goneRuns(
  db: Db,
  reservations: readonly Pick<GpuReservation, 'run'>[],
): Promise<number[]> {
  const { rows } = await db.query<{ run: number }>(
    `SELECT run FROM unnest($1::bigint[]) AS run WHERE NOT EXISTS (
       SELECT FROM stage_runs r JOIN video_queue q ON q.id = r.video_id
       WHERE r.id = run AND r.ended_at IS NULL AND q.status = 'processing'
         AND q.generation = r.generation AND q.admission_no = r.admission_no)`,
    [reservations.map(({ run }) => run)],
  );
  return rows.map(({ run }) => run);
}
