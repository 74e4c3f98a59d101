import { afterAll, expect, test } from 'vitest';
import { inTransaction, migrate, openPool } from '../../../infra/stores/postgres.ts';
import { testConfig } from '../../support/test-deps.ts';

const config = await testConfig();
const pool = openPool(config);

afterAll(async () => {
  await pool.query(`DROP SCHEMA IF EXISTS ${config.schema} CASCADE`);
  await pool.end();
});

test('three processes may migrate at once', async () => {
  await Promise.all([migrate(config), migrate(config), migrate(config)]);
  const { rows } = await pool.query('SELECT name FROM migrations');
  expect(rows).toEqual([{ name: '001_init' }]);
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
