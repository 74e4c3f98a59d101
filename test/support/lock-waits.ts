import type pg from 'pg';
import type { Deps } from '../../infra/deps.ts';
import { eventually } from './test-pipeline.ts';

/** An open transaction that holds what its statement has locked, so that a test can put others behind it in order. */
export interface HeldLock {
  /** Waits until so many connections wait for it, behind one another too. */
  waiters(count: number): Promise<void>;
  release(): Promise<void>;
}

/** Opens a transaction with one statement that takes a lock. */
export async function holdLock(pool: pg.Pool, statement: string): Promise<HeldLock> {
  const holder = await pool.connect();
  await holder.query('BEGIN');
  await holder.query(statement);
  const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return {
    waiters: async (count) => {
      await eventually(
        () => pool.query(WAITERS, [rows[0]?.pid]),
        (waiting) => waiting.rows.length === count,
      );
    },
    release: async () => {
      await holder.query('ROLLBACK');
      holder.release();
    },
  };
}

const WAITERS = `
  WITH RECURSIVE waits AS (
    SELECT pid, unnest(pg_blocking_pids(pid)) AS blocker FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  ), behind(pid) AS (
    SELECT pid FROM waits WHERE blocker = $1
    UNION SELECT w.pid FROM waits w JOIN behind b ON w.blocker = b.pid
  )
  SELECT pid FROM behind`;

/** How many connections wait for a lock while they, or those that hold it, are at work on tables of this schema. */
export async function countWaiting({ pool, config }: Pick<Deps, 'pool' | 'config'>): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(WAITING, [config.schema]);
  return rows[0]?.count ?? 0;
}

const WAITING = `
  WITH ours AS (
    SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE c.relnamespace = $1::regnamespace
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  )
  SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock'
    AND (pid IN (SELECT pid FROM ours) OR pg_blocking_pids(pid) && ARRAY(SELECT pid FROM ours))`;
