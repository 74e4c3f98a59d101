import type { ArtifactRef } from '../../domain/video.ts';
import type { Db } from '../stores/postgres.ts';
import type { MediaFacts } from './facts.ts';

/** A clip or image that somebody has sent. */
export interface MediaFile extends MediaFacts {
  id: string;
  file: ArtifactRef;
}

export async function insertMedia(db: Db, { id, file, ...facts }: MediaFile): Promise<void> {
  const { kind, format, width, height, durationMs, orientation } = facts;
  await db.query(
    `INSERT INTO media_files
       (id, kind, format, sha256, artifact_key, bytes, width, height, duration_ms, orientation)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, kind, format, file.sha256, file.key, file.bytes, width, height, durationMs, orientation],
  );
}

/**
 * Those of the files that are there, in the order of the ids. They count as used now, which keeps them from being
 * removed as too old.
 */
export async function useMedia(db: Db, ids: readonly string[]): Promise<MediaFile[]> {
  const { rows } = await db.query<MediaRow>(
    `UPDATE media_files SET used_at = clock_timestamp() WHERE id = ANY($1)
     RETURNING id, kind, format, sha256, artifact_key, bytes, width, height, duration_ms, orientation`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [fileOf(row)] : [];
  });
}

type MediaRow = Omit<MediaFile, 'file' | 'durationMs'> & {
  sha256: string;
  artifact_key: string;
  bytes: number;
  duration_ms: number | null;
};

function fileOf({ sha256, artifact_key: key, bytes, duration_ms, ...row }: MediaRow): MediaFile {
  return { ...row, durationMs: duration_ms, file: { key, sha256, bytes } };
}
