import type pg from 'pg';
import type { Deps } from '../deps.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { forgetWorkflows } from '../temporal/forget-workflows.ts';
import { removeMedia } from './shared-files.ts';

/** Most videos of one pass. */
const AT_ONCE = 20;

/**
 * Not purged, or only before a stage that was at work when its video was cancelled and deleted had surely stopped:
 * what such a one has stored meanwhile goes with a second purge.
 */
const TO_PURGE = `deleted_at IS NOT NULL AND (purged_at IS NULL
  OR purged_at < deleted_at + interval '1 hour' AND deleted_at < clock_timestamp() - interval '1 hour')`;

/** What lies about a deleted video beside its row; the ledger, its budget and the audit log are not among it. */
const ERASED = [
  'DELETE FROM stage_results WHERE video_id = $1',
  'DELETE FROM paid_answers WHERE video_id = $1',
  'UPDATE stage_runs SET message = NULL WHERE video_id = $1',
  // A pending one is about to be told.
  `DELETE FROM notifications WHERE video_id = $1
     AND (state <> 'pending' OR created_at < clock_timestamp() - interval '1 hour')`,
  `UPDATE publications SET session = NULL, message = NULL, missing = '{}' WHERE video_id = $1`,
  `UPDATE video_queue SET error_log = '[]', warnings = '[]' WHERE id = $1`,
];

/** Finishes the deletions that a killed process or a store that was away has left half done. Returns their number. */
export async function purgeDeleted(deps: Deps): Promise<number> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `SELECT id FROM video_queue WHERE ${TO_PURGE} ORDER BY purged_at NULLS FIRST LIMIT ${AT_ONCE}`,
  );
  let purged = 0;
  for (const { id } of rows) if (await purgeVideo(deps, id)) purged += 1;
  return purged;
}

/**
 * Removes all that is left of a deleted video, from every store. False when there is nothing to do, or another
 * process is at it. Throws when Postgres or the store of the files is away, and can be done again.
 */
export function purgeVideo(deps: Deps, id: string): Promise<boolean> {
  const turn = (turns.get(deps.pool) ?? Promise.resolve()).then(() => purge(deps, id));
  turns.set(
    deps.pool,
    turn.catch(() => undefined),
  );
  return turn;
}

/**
 * One at a time in a process: each holds a connection for as long as the store takes to answer, and many would leave
 * none for anybody else.
 */
const turns = new WeakMap<pg.Pool, Promise<unknown>>();

async function purge(deps: Deps, id: string): Promise<boolean> {
  const { rows } = await deps.pool.query<{ media: string[] | null }>(
    `SELECT request_data -> 'media' AS media FROM video_queue WHERE id = $1 AND ${TO_PURGE}`,
    [id],
  );
  if (!rows[0]) return false;
  // Before the transaction: who holds a connection and waits for one more stops a pool that many do so to.
  for (const mediaId of rows[0].media ?? []) await removeMedia(deps, mediaId);
  return purgeRest(deps, id);
}

function purgeRest(deps: Deps, id: string): Promise<boolean> {
  return inTransaction(deps.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `SELECT 1 FROM video_queue WHERE id = $1 AND ${TO_PURGE} FOR NO KEY UPDATE SKIP LOCKED`,
      [id],
    );
    if (rowCount !== 1) return false;
    await eraseRows(tx, id);
    await deps.artifacts.remove(id);
    await deps.events.forget(id);
    await forgetWorkflows(deps, id);
    await tx.query(
      `UPDATE video_queue SET purged_at = clock_timestamp(), artifacts_removed_at = clock_timestamp(),
         request_data = '{}' WHERE id = $1`,
      [id],
    );
    return true;
  });
}

async function eraseRows(tx: Db, id: string): Promise<void> {
  for (const statement of ERASED) await tx.query(statement, [id]);
}
