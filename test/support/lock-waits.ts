import type pg from 'pg';
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
