import { expect, vi } from 'vitest';
import type { TestDeps } from './test-deps.ts';

/** Of the advisory lock that the test holds against its trigger. */
const LOCK_CLASS = 7_001;

/** A place in the transactions of the code under test where they wait for the test. */
interface Barrier {
  reached(): Promise<void>;
  /** Ends what waits, of a process that is dead: Postgres would still do it once the barrier is lifted. */
  endWaiting(): Promise<void>;
  lift(): Promise<void>;
}

/** The trigger of that description makes them wait for a lock that the test holds. */
export async function createBarrier({ pool, config }: TestDeps, trigger: string): Promise<Barrier> {
  const { rows } = await pool.query<{ key: number }>('SELECT abs(hashtext($1)) AS key', [config.schema]);
  const lock = [LOCK_CLASS, rows[0]?.key];
  const waiting = 'FROM pg_locks WHERE classid = $1 AND objid = $2 AND NOT granted';
  const untilCount = (select: string, count: number) =>
    vi.waitFor(
      async () => expect((await pool.query(`SELECT ${select} ${waiting}`, lock)).rowCount).toBe(count),
      { timeout: 60_000, interval: 20 },
    );
  const holder = await pool.connect();
  await holder.query('SELECT pg_advisory_lock($1, $2)', lock);
  await pool.query(`
    CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${lock.join()}); RETURN NEW; END $$;
    CREATE TRIGGER wait_for_test BEFORE ${trigger} EXECUTE FUNCTION wait_for_test()`);
  return {
    reached: () => untilCount('', 1),
    endWaiting: () => untilCount('pg_terminate_backend(pid)', 0),
    lift: async () => {
      await holder.query('SELECT pg_advisory_unlock($1, $2)', lock);
      holder.release();
      await pool.query('DROP FUNCTION wait_for_test CASCADE');
    },
  };
}
