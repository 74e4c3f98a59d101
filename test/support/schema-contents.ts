import type pg from 'pg';
import { readTables } from '../../infra/backup/tables.ts';
import type { Config } from '../../infra/settings/config.ts';
import { openPool } from '../../infra/stores/postgres.ts';

/** Every row of every table of the configuration's schema, as Postgres writes rows, in order. */
export async function contents(config: Config): Promise<Record<string, string[]>> {
  const pool = openPool(config);
  try {
    const tables = await readTables(pool, config.schema);
    const all: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await pool.query<{ row: string }>(
        `SELECT t::text AS row FROM "${name}" AS t ORDER BY 1`,
      );
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  } finally {
    await pool.end();
  }
}

export async function schemaExists(pool: pg.Pool, schema: string): Promise<boolean> {
  const { rows } = await pool.query('SELECT to_regnamespace($1) IS NOT NULL AS there', [schema]);
  return rows[0]?.there;
}
