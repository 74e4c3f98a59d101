import type { NewEvent } from '../domain/events.ts';
import { admit } from './admission.ts';
import type { Deps } from './deps.ts';

/** Admission goes on once so much more than the floor is free, or it would stop again with the next file. */
const ROOM_AGAIN = 1.1;

/**
 * Looks at the free bytes of the artifact store: below `minFreeDiskBytes` admission stops, and goes on once there is
 * room again. Whoever sees the change first tells of it, so that each episode is told once. Throws when the store or
 * Postgres does not answer.
 */
export async function watchDisk(deps: Deps): Promise<void> {
  const { minFreeDiskBytes: floor } = deps.config;
  const free = await deps.artifacts.freeBytes();
  const { rows } = await deps.pool.query<{ disk_low: boolean }>(
    `UPDATE pipeline_state SET disk_low = NOT disk_low
     WHERE disk_low <> ($1::float8 < $2::float8 * CASE WHEN disk_low THEN ${ROOM_AGAIN} ELSE 1 END)
     RETURNING disk_low`,
    [free, floor],
  );
  const change = rows[0];
  if (!change) return;
  const level = { video_id: null, free_mb: megabytes(free), floor_mb: megabytes(floor) };
  const event: NewEvent = { type: change.disk_low ? 'disk.low' : 'disk.ok', ...level };
  const log = deps.log.child({ free_mb: level.free_mb, floor_mb: level.floor_mb });
  if (change.disk_low) log.error('the disk of the artifacts is nearly full: no video goes into production');
  else log.info('the disk of the artifacts has room again');
  await deps.events.publish(event);
  if (!change.disk_low) await admit(deps);
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
