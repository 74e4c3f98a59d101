import type { NewEvent } from '../../domain/events.ts';
import type { Deps } from '../deps.ts';
import { admit } from './admission.ts';

/** Admission goes on once so much more than the floor is free, or it would stop again with the next file. */
const ROOM_AGAIN = 1.1;

/**
 * Looks at the free bytes where this machine's files lie: below `minFreeDiskBytes` its lanes take no more videos, until
 * there is room again. Machines that share the disk stop together; with a bucket between them each has a disk of its
 * own. A machine tells of each episode once. Throws when the store or Postgres does not answer.
 */
export async function watchDisk(deps: Deps): Promise<void> {
  const { minFreeDiskBytes: floor, machine } = deps.config;
  const free = await deps.artifacts.freeBytes();
  const { rows } = await deps.pool.query<{ disk_low: boolean }>(
    `WITH own AS (SELECT FROM lane_workers WHERE machine_id = $3 ORDER BY lane, device FOR UPDATE)
     UPDATE lane_workers SET disk_low = NOT disk_low
     WHERE machine_id = $3 AND (SELECT count(*) FROM own) > 0
       AND disk_low <> ($1::float8 < $2::float8 * CASE WHEN disk_low THEN ${ROOM_AGAIN} ELSE 1 END)
     RETURNING disk_low`,
    [free, floor, machine.id],
  );
  const change = rows[0];
  if (!change) return;
  const level = { video_id: null, machine: machine.id, free_mb: megabytes(free), floor_mb: megabytes(floor) };
  const event: NewEvent = { type: change.disk_low ? 'disk.low' : 'disk.ok', ...level };
  const log = deps.log.child({ free_mb: level.free_mb, floor_mb: level.floor_mb });
  if (change.disk_low) log.error('the disk is nearly full: no more videos go into production here');
  else log.info('the disk has room again');
  await deps.events.publish(event);
  if (!change.disk_low) await admit(deps);
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
