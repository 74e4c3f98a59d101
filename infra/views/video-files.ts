import type { ArtifactName, ArtifactRef } from '../../domain/video.ts';
import { EXPIRED } from '../retention/videos.ts';
import type { Db } from '../stores/postgres.ts';

/** Files of a video's upload package by name, null while it has none yet, `expired` when they were removed; undefined = no such video, or none any more. */
export type VideoFiles = Partial<Record<ArtifactName, ArtifactRef>> | 'expired' | null | undefined;

/** Files as clients see them: paths on the API. */
export type ArtifactViews = Partial<Record<ArtifactName, { url: string; bytes: number; sha256: string }>>;

export function artifactViews(
  videoId: string,
  files: Partial<Record<ArtifactName, ArtifactRef>>,
): ArtifactViews {
  const views = Object.entries(files).map(([name, { bytes, sha256 }]) => {
    return [name, { url: `/pipeline/videos/${videoId}/artifacts/${name}`, bytes, sha256 }];
  });
  return Object.fromEntries(views);
}

/** Looks up what upload_preparation left behind. */
export async function filesOf(db: Db, videoId: string): Promise<VideoFiles> {
  const { rows } = await db.query<{
    files: Partial<Record<ArtifactName, ArtifactRef>> | null;
    expired: boolean | null;
  }>(
    `SELECT r.result->'files' AS files, ${EXPIRED} AS expired
       FROM video_queue q
       LEFT JOIN stage_results r ON r.video_id = q.id AND r.stage = 'upload_preparation'
      WHERE q.id = $1 AND q.deleted_at IS NULL`,
    [videoId],
  );
  const row = rows[0];
  return row?.expired ? 'expired' : row?.files;
}
