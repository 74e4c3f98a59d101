import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { classifyError } from '../../../activities/classify-error.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import { inTransaction, migrate, openPool } from '../../../infra/stores/postgres.ts';
import { startStallingProxy } from '../../support/stalling-proxy.ts';
import { testConfig } from '../../support/test-deps.ts';

const config = await testConfig();
const pool = openPool(config);

afterAll(async () => {
  await pool.query(`DROP SCHEMA IF EXISTS ${config.schema} CASCADE`);
  await pool.end();
});

test('three processes may migrate at once', async () => {
  await Promise.all([migrate(config), migrate(config), migrate(config)]);
  const { rows } = await pool.query('SELECT name FROM migrations ORDER BY name');
  const files = await readdir(join(projectRoot, 'infra/migrations'));
  expect(rows).toEqual(files.toSorted().map((file) => ({ name: basename(file, '.sql') })));
  expect((await pool.query('SELECT count(*) FROM pipeline_state')).rows).toEqual([{ count: 1 }]);
});

test('a transaction whose work throws leaves nothing behind', async () => {
  const work = inTransaction(pool, async (tx) => {
    await tx.query('UPDATE pipeline_state SET version = 7');
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect((await pool.query('SELECT version FROM pipeline_state')).rows).toEqual([{ version: 0 }]);
});

test('a connection that is cut in mid-transaction fails that transaction alone', async () => {
  const work = inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const cut = new Promise((resolve) => tx.once('error', resolve));
    await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await cut;
    await tx.query('SELECT 1');
  });
  await expect(work).rejects.toThrow();
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('Postgres frees the locks of a client that is stopped in mid-transaction', async () => {
  const { rows } = await pool.query('SHOW idle_in_transaction_session_timeout');
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: '1min' }]);
});

test('a statement with values is parsed once for each connection, whatever the values are', async () => {
  await inTransaction(pool, async (tx) => {
    for (const value of [1, 2, 3]) {
      expect((await tx.query('SELECT $1::int AS value', [value])).rows).toEqual([{ value }]);
    }
    const { rows } = await tx.query(
      `SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int AS value'`,
    );
    expect(rows).toEqual([{ count: 1 }]);
  });
});

test('a Postgres that hangs in mid-statement fails it as our own trouble, and serves again once it is back', async () => {
  const url = new URL(config.databaseUrl);
  const front = await startStallingProxy(Number(url.port));
  url.port = String(front.port);
  const behind = openPool({
    ...config,
    databaseUrl: url.href,
    times: { ...config.times, databaseAnswerMs: 3_000 },
  });
  try {
    await behind.query('SELECT 1');
    front.freeze();
    const asked = inTransaction(behind, (tx) => tx.query('SELECT $1::int', [1]));
    const failure = await asked.then(
      () => null,
      (error: unknown) => error,
    );
    expect(classifyError(failure)).toMatchObject({ kind: 'infrastructure' });
    front.cut();
    expect((await behind.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await behind.end();
    await front.close();
  }
});
