import type { Deps } from '../deps.ts';
import { FINAL } from '../stores/final-statuses.ts';
import { inTransaction } from '../stores/postgres.ts';

/** Most videos of one pass. */
const AT_ONCE = 100;

const ENDED = `status IN ${FINAL}`;

/** True for a row whose files were taken off offer after its last end; one that was retried since has others. */
export const EXPIRED = `(${ENDED} AND artifacts_expired_at >= completed_at)`;

/**
 * Removes the files of videos that ended `days` days ago, a video's all or none: first they are taken off offer,
 * in the same transaction as the results and paid answers that may name them, then they are deleted. What a killed pass leaves of the second
 * step the next one finishes. The script stays, so that a later retry pays for no new one.
 * Returns the number of videos.
 */
export async function expireVideos(deps: Deps, days: number): Promise<number> {
  await takeOffOffer(deps, days);
  const { rows } = await deps.pool.query<{ id: string }>(
    `SELECT id FROM video_queue WHERE ${EXPIRED}
       AND (artifacts_removed_at IS NULL OR artifacts_removed_at < artifacts_expired_at) LIMIT ${AT_ONCE}`,
  );
  let removed = 0;
  for (const { id } of rows) if (await removeFiles(deps, id)) removed += 1;
  return removed;
}

async function takeOffOffer({ pool }: Deps, days: number): Promise<void> {
  await pool.query(
    `WITH expired AS (
       UPDATE video_queue SET artifacts_expired_at = clock_timestamp() WHERE id IN (
         SELECT id FROM video_queue
         WHERE ${ENDED} AND completed_at < clock_timestamp() - $1 * interval '1 day'
           AND (artifacts_expired_at IS NULL OR artifacts_expired_at < completed_at)
           AND NOT EXISTS (SELECT 1 FROM publications p WHERE p.video_id = video_queue.id AND p.state IN ('waiting', 'uploading'))
         ORDER BY completed_at LIMIT ${AT_ONCE} FOR NO KEY UPDATE SKIP LOCKED)
       RETURNING id),
     forgotten AS (
       DELETE FROM paid_answers a USING expired e WHERE a.video_id = e.id AND a.stage <> 'script_generation')
     DELETE FROM stage_results r USING expired e WHERE r.video_id = e.id AND r.stage <> 'script_generation'`,
    [days],
  );
}

/** The row is held meanwhile: a retry waits, and its new files come into an empty folder. */
function removeFiles({ pool, artifacts }: Deps, id: string): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `SELECT 1 FROM video_queue WHERE id = $1 AND ${EXPIRED} FOR NO KEY UPDATE SKIP LOCKED`,
      [id],
    );
    if (rowCount !== 1) return false;
    await artifacts.remove(id);
    await tx.query('UPDATE video_queue SET artifacts_removed_at = clock_timestamp() WHERE id = $1', [id]);
    return true;
  });
}
