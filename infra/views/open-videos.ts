import type { Db } from '../stores/postgres.ts';

/** How many videos are not at their end: they wait or are in production. */
export async function countOpenVideos(db: Db): Promise<number> {
  const { rows } = await db.query<{ open: number }>(
    `SELECT count(*) AS open FROM video_queue WHERE status IN ('queued', 'processing')`,
  );
  return rows[0]?.open ?? 0;
}
