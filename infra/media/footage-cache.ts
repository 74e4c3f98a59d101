import type { Clip } from '../../domain/results.ts';
import type { Db } from '../stores/postgres.ts';

/**
 * The clip of a provider's file that was downloaded before, or null. It counts as used now, which keeps it from
 * being removed as too old; all the same its file may be gone from the store.
 */
export async function findClip(db: Db, provider: string, fileId: string): Promise<Clip | null> {
  const { rows } = await db.query<ClipRow>(
    `UPDATE footage_files SET used_at = clock_timestamp() WHERE provider = $1 AND file_id = $2
     RETURNING sha256, artifact_key, bytes, facts, licence`,
    [provider, fileId],
  );
  const row = rows[0];
  if (!row) return null;
  const file = { key: row.artifact_key, sha256: row.sha256, bytes: row.bytes };
  return { file, ...row.facts, licence: row.licence };
}

/** Stores a clip that is in the artifact store; of two at once the last one stays. */
export async function saveClip(db: Db, provider: string, fileId: string, clip: Clip): Promise<void> {
  const { file, licence, ...facts } = clip;
  await db.query(
    `INSERT INTO footage_files (provider, file_id, sha256, artifact_key, bytes, facts, licence)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (provider, file_id) DO UPDATE SET
       sha256 = excluded.sha256, artifact_key = excluded.artifact_key, bytes = excluded.bytes,
       facts = excluded.facts, licence = excluded.licence, fetched_at = excluded.fetched_at,
       used_at = excluded.used_at`,
    [provider, fileId, file.sha256, file.key, file.bytes, JSON.stringify(facts), JSON.stringify(licence)],
  );
}

interface ClipRow {
  sha256: string;
  artifact_key: string;
  bytes: number;
  facts: Omit<Clip, 'file' | 'licence'>;
  licence: Clip['licence'];
}
