import pg from 'pg';
import type { Config } from '../settings/config.ts';
import { BackupError } from './backup-error.ts';
import { type BackupEnd, type BackupHead, lineOf, writeBackupFile } from './backup-file.ts';
import { type BackupTable, quoted, readMigrations, readTables } from './tables.ts';

/** A row may hold an article, or the times of a thousand words. */
const ROWS_AT_ONCE = 100;
/** Whatever the server is set to, values are written so that they are read as what they were. */
const EXACT = [`datestyle = 'ISO'`, `timezone = 'UTC'`, 'extra_float_digits = 1', `bytea_output = 'hex'`];

/**
 * Writes all rows of the pipeline's schema, as of one moment, into a file, while it works on. Returns the number of
 * rows by table. Throws a BackupError when there is no schema.
 */
export async function writeBackup(
  { databaseUrl, schema }: Pick<Config, 'databaseUrl' | 'schema'>,
  path: string,
): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const setting of EXACT) await client.query(`SET ${setting}`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const migrations = await readMigrations(client, schema);
    if (migrations.length === 0)
      throw new BackupError('there is nothing to back up: the database has no tables');
    const tables = await readTables(client, schema);
    const made_at = new Date().toISOString();
    const head: BackupHead = { format: 'ytempire-backup-1', made_at, migrations, tables };
    const end: BackupEnd = { rows: {} };
    await writeBackupFile(path, linesOf(client, schema, head, end));
    return end.rows;
  } finally {
    await client.end();
  }
}

async function* linesOf(
  client: pg.Client,
  schema: string,
  head: BackupHead,
  end: BackupEnd,
): AsyncGenerator<string> {
  yield lineOf(head);
  for (const [number, table] of head.tables.entries()) {
    end.rows[table.name] = 0;
    for await (const rows of rowsOf(client, schema, table)) {
      end.rows[table.name] = (end.rows[table.name] ?? 0) + rows.length;
      yield rows.map((row) => lineOf([number, ...row])).join('');
    }
  }
  yield lineOf(end);
}

/** As text, which says every value exactly: numerics, times to the microsecond, a JSON null beside none. */
async function* rowsOf(
  client: pg.Client,
  schema: string,
  { name, columns }: BackupTable,
): AsyncGenerator<(string | null)[][]> {
  const values = columns.map((column) => `${quoted(column.name)}::text`).join(', ');
  await client.query(`DECLARE rows_of CURSOR FOR SELECT ${values} FROM ${quoted(schema)}.${quoted(name)}`);
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `FETCH ${ROWS_AT_ONCE} FROM rows_of`,
      rowMode: 'array',
    });
    if (rows.length === 0) break;
    yield rows;
  }
  await client.query('CLOSE rows_of');
}
