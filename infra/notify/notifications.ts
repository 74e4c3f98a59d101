import type pg from 'pg';
import { GIVEN_UP, type NotificationEnd, type NotificationState, TRIES } from '../../domain/notifications.ts';
import type { Warning } from '../../domain/results.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';

/** A try that may be made now: it is counted already. */
export interface DueTry {
  video_id: string | null;
  /** Null for an alert. */
  url: string | null;
  body: string;
  /** 1 is the first. */
  tries: number;
}

/** Counts one more try and answers what to send; null when it has its end, or no try is left. */
export async function beginTry(db: Db, id: string): Promise<DueTry | null> {
  const { rows } = await db.query<DueTry>(
    `UPDATE notifications SET tries = tries + 1 WHERE id = $1 AND state = 'pending' AND tries < ${TRIES}
     RETURNING video_id, url, body, tries`,
    [id],
  );
  return rows[0] ?? null;
}

/** How it stands, null when it is gone with its video. */
export async function readNotification(
  db: Db,
  id: string,
): Promise<{ state: NotificationState; last_error: string | null } | null> {
  const { rows } = await db.query<{ state: NotificationState; last_error: string | null }>(
    'SELECT state, last_error FROM notifications WHERE id = $1',
    [id],
  );
  return rows[0] ?? null;
}

/** Why a try failed, for people. */
export async function noteError(db: Db, id: string, error: string): Promise<void> {
  await db.query(`UPDATE notifications SET last_error = $2 WHERE id = $1 AND state = 'pending'`, [id, error]);
}

/** Changes nothing of a notification that has its end. True when this was its end. */
export async function endNotification(
  db: Db,
  id: string,
  { state, error }: NotificationEnd,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE notifications SET state = $2, last_error = $3, ended_at = clock_timestamp()
     WHERE id = $1 AND state = 'pending'`,
    [id, state, error],
  );
  return rowCount === 1;
}

/** Ends it as failed; where it told of a video, that video warns of it. True when this was its end. */
export function giveUp(pool: pg.Pool, id: string, error: string): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    if (!(await endNotification(tx, id, { state: 'failed', error }))) return false;
    const message = `its webhook was given up: ${error}`;
    const warning: Warning = { stage: 'upload_preparation', code: GIVEN_UP, message };
    await tx.query(
      `UPDATE video_queue SET warnings = warnings || $2::jsonb
       WHERE id = (SELECT video_id FROM notifications WHERE id = $1) AND deleted_at IS NULL`,
      [id, JSON.stringify([warning])],
    );
    return true;
  });
}
