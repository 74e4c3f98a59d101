import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { projectRoot } from '../project-root.ts';
import type { Config } from '../settings/config.ts';
import { PreparingClient } from './preparing-client.ts';

const INT8 = 20;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 10;

/** Within a minute Postgres frees the locks of a client that was stopped or whose machine is gone. */
const DEAD_CLIENT_SETTINGS = {
  idle_in_transaction_session_timeout: 60_000,
  tcp_keepalives_idle: 20,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
};

/** What a statement needs: the pool, or the client of an open transaction. */
export interface Db {
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<R>>;
}

/** Connections whose search_path is the config's schema. Counters come as numbers, `numeric` as text. */
export function openPool(config: Config): pg.Pool {
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: config.databaseUrl,
    // Compiling a plan costs a tenth of a second, and no statement here runs that long.
    options: Object.entries({ search_path: config.schema, jit: 'off', ...DEAD_CLIENT_SETTINGS })
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    application_name: 'ytempire',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: config.times.databaseAnswerMs,
    types: { getTypeParser: typeParser },
  });
  // An idle connection that breaks (Postgres restarts) must not end the process: the next query opens another.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * Brings the schema up to the newest migration, or by `count` of them, in one transaction; it is created when missing.
 * Safe when several processes start at once: they wait for each other.
 */
export async function migrate(
  config: Pick<Config, 'databaseUrl' | 'schema'>,
  count = Number.POSITIVE_INFINITY,
): Promise<void> {
  await runner({
    databaseUrl: config.databaseUrl,
    dir: join(projectRoot, 'infra/migrations'),
    direction: 'up',
    count,
    migrationsTable: 'migrations',
    schema: config.schema,
    createSchema: config.schema !== 'public',
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: { info: silent, warn: silent, error: silent },
  });
}

/** Runs the work in one READ COMMITTED transaction; it is rolled back when the work throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  const onBroken = (error: Error) => {
    broken = error;
  };
  // A connection that breaks between two statements says so here, and would end the process if nobody listened.
  tx.on('error', onBroken);
  try {
    await tx.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(tx);
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    await tx.query('ROLLBACK').catch(onBroken);
    throw error;
  } finally {
    tx.off('error', onBroken);
    tx.release(broken);
  }
}

/** Expression of an advisory lock's key; it is its own in each schema of one database. */
export function lockKey(schema: string, name: string): string {
  return `hashtextextended('${schema}:${name}', 0)`;
}

function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

function silent(): void {
  // Progress of migrations is of no interest, and a failure is thrown.
}
