import type { Deps } from '../deps.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';

/**
 * Tables with files that many videos use. Each has `artifact_key`, for these under `shared/`, and `used_at`, which
 * everybody who takes a file from it moves on in the statement that reads the row.
 */
const TABLES = ['footage_files', 'paid_answers', 'media_files'] as const;
type Table = (typeof TABLES)[number];

/** What an open order names waits for its turn, however long that takes. */
const AWAITED: Partial<Record<Table, string>> = {
  media_files: `AND NOT EXISTS (SELECT 1 FROM video_queue q
    WHERE q.status IN ('queued', 'processing') AND q.request_data -> 'media' ? media_files.id::text)`,
};

/** Most files of one table and pass. */
const AT_ONCE = 200;

/**
 * Puts a shared file into the store and writes its row, with no removal of that key between the two: `work` gets
 * the transaction that the row has to be written in.
 */
export function addSharedFile<T>(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  key: string,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  return inTransaction(pool, async (tx) => {
    await lockFile(tx, config.schema, key);
    return work(tx);
  });
}

/**
 * Removes shared files that nobody has used for `days` days and that no stored result names, which a video in
 * production or a retried one would miss. Returns their number.
 */
export async function expireSharedFiles(deps: Deps, days: number): Promise<number> {
  let removed = 0;
  for (const table of TABLES) {
    for (const key of await unusedKeys(deps, table, days)) {
      if (await removeFile(deps, { table, key, days })) removed += 1;
    }
  }
  return removed;
}

/** No video that is there names it: an order may have done so since the deletion of another. */
const UNNAMED = `NOT EXISTS (SELECT 1 FROM video_queue q
  WHERE q.deleted_at IS NULL AND q.request_data -> 'media' ? media_files.id::text)`;

/**
 * Removes what somebody has sent, unless a video names it, and its file unless the same content was sent twice. An
 * unknown id is nothing.
 */
export async function removeMedia({ pool, config, artifacts }: Deps, id: string): Promise<void> {
  const { rows } = await pool.query<{ artifact_key: string }>(
    'SELECT artifact_key FROM media_files WHERE id = $1',
    [id],
  );
  const key = rows[0]?.artifact_key;
  if (key === undefined) return;
  await inTransaction(pool, async (tx) => {
    await lockFile(tx, config.schema, key);
    await tx.query(`DELETE FROM media_files WHERE id = $1 AND ${UNNAMED}`, [id]);
    if (await isNamed(tx, 'media_files', key)) return;
    await artifacts.remove(key);
  });
}

async function isNamed(tx: Db, table: Table, key: string): Promise<boolean> {
  const { rowCount } = await tx.query(`SELECT 1 FROM ${table} WHERE artifact_key = $1`, [key]);
  return rowCount !== 0;
}

async function unusedKeys({ pool }: Deps, table: Table, days: number): Promise<string[]> {
  const { rows } = await pool.query<{ artifact_key: string }>(
    `SELECT DISTINCT artifact_key FROM ${table}
     WHERE artifact_key LIKE 'shared/%' AND used_at < clock_timestamp() - $1 * interval '1 day' AND NOT EXISTS (
       SELECT 1 FROM (SELECT jsonb_path_query(result, '$.**.key') #>> '{}' AS key FROM stage_results) AS named
       WHERE named.key = artifact_key)
       ${AWAITED[table] ?? ''}
     LIMIT ${AT_ONCE}`,
    [days],
  );
  return rows.map((row) => row.artifact_key);
}

/** A row that was used since it was listed stays, and with it the file; of one content there may be several rows. */
function removeFile(
  { pool, config, artifacts }: Deps,
  { table, key, days }: { table: Table; key: string; days: number },
): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    await lockFile(tx, config.schema, key);
    await tx.query(
      `DELETE FROM ${table} WHERE artifact_key = $1 AND used_at < clock_timestamp() - $2 * interval '1 day'
       ${AWAITED[table] ?? ''}`,
      [key, days],
    );
    if (await isNamed(tx, table, key)) return false;
    await artifacts.remove(key);
    return true;
  });
}

async function lockFile(tx: Db, schema: string, key: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}:${key}`]);
}
