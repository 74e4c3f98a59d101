import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import type { Config } from '../settings/config.ts';
import { dropResults } from '../stages/drop-results.ts';
import { type Db, openPool } from '../stores/postgres.ts';

const LOOKS_AT_ONCE = 16;

/** Tables whose rows are worth nothing without their file. */
const OF_FILES = ['paid_answers', 'footage_files', 'media_files'] as const;

/** What a restored database names that the artifact store does not hold. */
export interface Missing {
  /** Finished stages of open videos, which are made again. */
  stages: number;
  /** Stored answers and shared files, which are fetched or paid again when they are needed. */
  shared: number;
}

export interface Adapted extends Missing {
  /** Publications that may have gone to YouTube since the backup: an operator looks, and says upload_again. */
  doubtful: number;
}

/**
 * Makes a restored database fit the artifact store of this machine: it is the store that workers have to share from
 * now on, and what names files that are not in it is forgotten, since an open video would wait for them for ever.
 * Files of videos that have ended are left to `410 artifact_damaged` and a retry. No video is uploaded that may have
 * been since the backup.
 */
export async function adaptToStore(config: Config, artifacts: ArtifactStore): Promise<Adapted> {
  const pool = openPool(config);
  const marker = await artifacts.marker();
  try {
    // No transaction: nobody sees the draft yet, and a look at many files takes its time.
    await pool.query('UPDATE pipeline_state SET artifact_store = $1', [marker]);
    const shared = await forgetShared(pool, artifacts);
    const stages = await forgetStages(pool, artifacts);
    return { stages, shared, doubtful: await doubtPublications(pool) };
  } finally {
    await pool.end();
  }
}

/** A session that is still there knows how far its upload is; when it is gone, it may have made its video. */
async function doubtPublications(db: Db): Promise<number> {
  await db.query('UPDATE publications SET last_part_sent = true WHERE session IS NOT NULL');
  const { rowCount } = await db.query(
    `UPDATE publications SET state = 'failed', reason = 'doubtful', ended_at = clock_timestamp(),
       message = 'restored from a backup, since which it may have been uploaded; look at YouTube before anything else'
     WHERE state IN ('waiting', 'uploading') AND session IS NULL`,
  );
  return rowCount ?? 0;
}

async function forgetShared(db: Db, artifacts: ArtifactStore): Promise<number> {
  let forgotten = 0;
  for (const table of OF_FILES) {
    const { rows } = await db.query<{ key: string }>(
      `SELECT DISTINCT artifact_key AS key FROM ${table} WHERE artifact_key IS NOT NULL`,
    );
    const missing = await missingOf(
      artifacts,
      rows.map(({ key }) => key),
    );
    const gone = await db.query(`DELETE FROM ${table} WHERE artifact_key = ANY ($1)`, [[...missing]]);
    forgotten += gone.rowCount ?? 0;
  }
  return forgotten;
}

/** With a stage all later ones of its video go: they were made from it. */
async function forgetStages(db: Db, artifacts: ArtifactStore): Promise<number> {
  const { rows } = await db.query<{ id: string; stage: StageName; keys: string[] }>(
    `SELECT video_id AS id, r.stage, ARRAY (
       SELECT key #>> '{}' FROM jsonb_path_query(r.result, '$.** ? (exists (@.sha256)).key') AS named(key)) AS keys
     FROM stage_results r JOIN video_queue q ON q.id = video_id WHERE q.status IN ('queued', 'processing')`,
  );
  const missing = await missingOf(artifacts, [...new Set(rows.flatMap(({ keys }) => keys))]);
  let forgotten = 0;
  for (const { id, stage } of rows.filter(({ keys }) => keys.some((key) => missing.has(key)))) {
    forgotten += await dropResults(db, id, STAGE_NAMES.slice(STAGE_NAMES.indexOf(stage)));
  }
  return forgotten;
}

async function missingOf(artifacts: ArtifactStore, keys: readonly string[]): Promise<Set<string>> {
  const missing = new Set<string>();
  for (let from = 0; from < keys.length; from += LOOKS_AT_ONCE) {
    await Promise.all(
      keys.slice(from, from + LOOKS_AT_ONCE).map(async (key) => {
        if ((await artifacts.sizeAt(key)) === null) missing.add(key);
      }),
    );
  }
  return missing;
}
