import type { ArtifactName, ArtifactRef } from '../domain/video.ts';
import type { Db } from './stores/postgres.ts';

/** Files of a video's upload package by name, null while it has none yet; undefined = no such video. */
export type VideoFiles = Partial<Record<ArtifactName, ArtifactRef>> | null | undefined;

/** Looks up what upload_preparation left behind. */
export async function filesOf(db: Db, videoId: string): Promise<VideoFiles> {
  const { rows } = await db.query<{ files: Partial<Record<ArtifactName, ArtifactRef>> | null }>(
    `SELECT r.result->'files' AS files
       FROM video_queue q
       LEFT JOIN stage_results r ON r.video_id = q.id AND r.stage = 'upload_preparation'
      WHERE q.id = $1`,
    [videoId],
  );
  return rows[0]?.files;
}
