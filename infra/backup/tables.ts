import type { Db } from '../stores/postgres.ts';

/** A table as a backup holds it: the columns that somebody wrote, with their types. */
export interface BackupTable {
  name: string;
  columns: { name: string; type: string }[];
}

/** Of the schema itself, and of processes that live: neither is the operator's data. */
const LEFT_OUT = ['migrations', 'lane_workers'];

const COLUMNS = `
  SELECT c.relname AS name, jsonb_agg(jsonb_build_object('name', a.attname,
    'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum) AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = ''
  WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND c.relname <> ALL ($2)
  GROUP BY c.relname ORDER BY c.relname`;

const REFERENCES = `
  SELECT child.relname AS child, parent.relname AS parent FROM pg_constraint
    JOIN pg_class child ON child.oid = conrelid JOIN pg_class parent ON parent.oid = confrelid
  WHERE contype = 'f' AND connamespace = to_regnamespace($1) AND conrelid <> confrelid`;

/** The tables of a schema, each after those that its rows refer to. */
export async function readTables(db: Db, schema: string): Promise<BackupTable[]> {
  const { rows: waiting } = await db.query<BackupTable>(COLUMNS, [schema, LEFT_OUT]);
  const { rows: references } = await db.query<{ child: string; parent: string }>(REFERENCES, [schema]);
  const ordered: BackupTable[] = [];
  const isReady = ({ name }: BackupTable) =>
    references.every(({ child, parent }) => child !== name || ordered.some((table) => table.name === parent));
  while (waiting.length > 0) {
    const next = waiting.findIndex(isReady);
    if (next < 0) throw new Error('tables refer to each other in a circle');
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

/** A name as SQL takes it, whatever it is. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The migrations that have made a schema what it is, in order; none where there is no schema. */
export async function readMigrations(db: Db, schema: string): Promise<string[]> {
  const table = `${quoted(schema)}.migrations`;
  const known = await db.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  if (!known.rows[0]?.there) return [];
  const { rows } = await db.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  return rows.map(({ name }) => name);
}
