import type { Db } from '../stores/postgres.ts';

/** True for a video that there was and that an operator has deleted. */
export async function isDeleted(db: Db, videoId: string): Promise<boolean> {
  const { rowCount } = await db.query('SELECT 1 FROM video_queue WHERE id = $1 AND deleted_at IS NOT NULL', [
    videoId,
  ]);
  return rowCount === 1;
}
