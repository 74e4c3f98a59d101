import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type pg from 'pg';
import { projectRoot } from '../project-root.ts';
import type { Config } from '../settings/config.ts';
import { inTransaction, migrate, openPool } from '../stores/postgres.ts';
import { BackupError } from './backup-error.ts';
import { type BackupRow, isEnd, isHead, isRow, readBackupFile } from './backup-file.ts';
import { type BackupTable, quoted, readMigrations, readTables } from './tables.ts';

const CHARS_AT_ONCE = 4_000_000;

export interface RestoreOptions {
  /** Replaces what the database holds. */
  force: boolean;
  /** Looks after the restored rows, before anybody sees them; the config is of the draft's schema. */
  adapt: (config: Config) => Promise<void>;
}

/** What was restored: the moment of the backup, and its rows by table. */
export interface Restored {
  made_at: string;
  rows: Record<string, number>;
}

/**
 * Makes the schema what the backup holds, brought up to the newest migration: all of it or, whatever fails, nothing.
 * It is built beside the schema and takes its place at the end, so nobody may be at work meanwhile. Throws a
 * BackupError for a file that is not whole or is of a newer version, and for a database that holds videos already.
 */
export async function restoreBackup(
  config: Config,
  path: string,
  { force, adapt }: RestoreOptions,
): Promise<Restored> {
  const draft: Config = { ...config, schema: `${config.schema}_restore` };
  const pool = openPool(draft);
  try {
    if (!force) await assertEmpty(pool, config.schema);
    await pool.query(`DROP SCHEMA IF EXISTS ${quoted(draft.schema)} CASCADE`);
    const restored = await fill(pool, draft, path);
    await migrate(draft);
    await adapt(draft);
    await replace(pool, config.schema, draft.schema);
    return restored;
  } finally {
    await pool.query(`DROP SCHEMA IF EXISTS ${quoted(draft.schema)} CASCADE`).catch(() => undefined);
    await pool.end();
  }
}

async function assertEmpty(pool: pg.Pool, schema: string): Promise<void> {
  if ((await readMigrations(pool, schema)).length === 0) return;
  const { rows } = await pool.query<{ videos: number }>(
    `SELECT count(*) AS videos FROM ${quoted(schema)}.video_queue`,
  );
  const videos = rows[0]?.videos ?? 0;
  if (videos === 0) return;
  throw new BackupError(`the database holds ${videos} videos already: say --force to replace them`);
}

async function fill(pool: pg.Pool, draft: Config, path: string): Promise<Restored> {
  const lines = readBackupFile(path);
  const { value: head } = await lines.next();
  if (!isHead(head)) throw new BackupError(`${path} is no backup of YTEMPIRE`);
  await migrate(draft, await countOf(head.migrations));
  const tables = known(head.tables, await readTables(pool, draft.schema));
  // Migrations write rows of their own.
  await pool.query(`TRUNCATE ${tables.map(({ name }) => quoted(name)).join(', ')}`);
  const counts: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]));
  const batch = createBatch(pool, tables, counts);
  for await (const line of lines) {
    if (isEnd(line)) {
      await batch.flush();
      assertWhole(path, line.rows, counts);
      await moveIdentities(pool, draft.schema);
      return { made_at: head.made_at, rows: counts };
    }
    if (!isRow(line)) throw new BackupError(`${path} is no whole backup: a line holds no row`);
    await batch.add(line);
  }
  throw new BackupError(`${path} is no whole backup: its end is missing`);
}

/** The tables of a backup as the schema has them: what the file says of types would else be run as SQL. */
function known(told: readonly BackupTable[], tables: readonly BackupTable[]): BackupTable[] {
  return told.map(({ name, columns }) => {
    const table = tables.find((each) => each.name === name);
    if (!table) throw new BackupError(`the backup has a table that its version has not: ${name}`);
    return { name, columns: columns.map((column) => knownColumn(table, column.name)) };
  });
}

function knownColumn({ name, columns }: BackupTable, told: string): BackupTable['columns'][number] {
  const column = columns.find((each) => each.name === told);
  if (column) return column;
  throw new BackupError(`the backup has a column that its version has not: ${name}.${told}`);
}

/** How many of this version's migrations made the schema; they have to be its first ones. */
async function countOf(migrations: readonly string[]): Promise<number> {
  const files = await readdir(join(projectRoot, 'infra/migrations'));
  const known = files.sort().map((file) => basename(file, '.sql'));
  const unknown = migrations.find((name, index) => known[index] !== name);
  if (unknown === undefined) return migrations.length;
  throw new BackupError(
    `the backup is of another version of YTEMPIRE, with the migration ${unknown}: restore it with that version or a newer one`,
  );
}

/** Collects rows, which come table by table, and inserts many at once. */
function createBatch(pool: pg.Pool, tables: readonly BackupTable[], counts: Record<string, number>) {
  let table: BackupTable | undefined;
  let rows: string[] = [];
  let chars = 0;
  const flush = async () => {
    if (table && rows.length > 0) await insert(pool, table, rows);
    rows = [];
    chars = 0;
  };
  const add = async ([number, ...values]: BackupRow) => {
    if (table !== tables[number] || chars > CHARS_AT_ONCE) await flush();
    table = tables[number];
    if (!table) throw new BackupError('the backup has rows of no table');
    counts[table.name] = (counts[table.name] ?? 0) + 1;
    const row = JSON.stringify(values);
    rows.push(row);
    chars += row.length;
  };
  return { add, flush };
}

async function insert(pool: pg.Pool, { name, columns }: BackupTable, rows: string[]): Promise<void> {
  const names = columns.map((column) => quoted(column.name)).join(', ');
  const values = columns.map(({ type }, index) => `(v->>${index})::${type}`).join(', ');
  await pool.query(
    `INSERT INTO ${quoted(name)} (${names}) OVERRIDING SYSTEM VALUE
     SELECT ${values} FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS r(v, n) ORDER BY n`,
    [`[${rows.join(',')}]`],
  );
}

function assertWhole(path: string, told: Record<string, number>, found: Record<string, number>): void {
  const differing = Object.keys(told).find((name) => told[name] !== found[name]);
  if (differing === undefined) return;
  throw new BackupError(
    `${path} is no whole backup: ${differing} has ${found[differing]} of ${told[differing]} rows`,
  );
}

/** Rows that are written from now on get numbers above the restored ones. */
async function moveIdentities(pool: pg.Pool, schema: string): Promise<void> {
  const { rows } = await pool.query<{ name: string; column: string }>(
    `SELECT c.relname AS name, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND a.attidentity <> ''`,
    [schema],
  );
  for (const { name, column } of rows) {
    await pool.query(
      `SELECT setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted(column)}), 1), max(${quoted(column)}) IS NOT NULL)
       FROM ${quoted(name)}`,
      [quoted(name), column],
    );
  }
}

function replace(pool: pg.Pool, schema: string, draft: string): Promise<void> {
  return inTransaction(pool, async (tx) => {
    await tx.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
    await tx.query(`ALTER SCHEMA ${quoted(draft)} RENAME TO ${quoted(schema)}`);
  });
}
