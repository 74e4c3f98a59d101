import { childEnvironment, readEnv } from '../settings/env.ts';
import { Keeper } from './keeper.ts';
import { claimLock, releaseLock, writeLock } from './lock-file.ts';
import { reapOrphans } from './orphans.ts';
import { POSTGRES_ATTEMPTS, planPostgres } from './postgres.ts';
import { entriesOf } from './servers.ts';

/** Every npm script runs through this file, so it is on our command line. */
const MARK = 'bootstrap.mjs';

/**
 * Runs the work with the Postgres of a stack that is down, and nothing else of it; nobody can start the stack
 * meanwhile. Null, with nothing done, when the stack runs.
 */
export async function withPostgresAlone<T>(
  dataDir: string,
  work: (databaseUrl: string) => Promise<T>,
): Promise<T | null> {
  const lock = claimLock(dataDir, MARK);
  if (!lock) return null;
  await reapOrphans(lock.services);
  const programs = readEnv().POSTGRES_HOME;
  let url = '';
  const keeper = new Keeper({
    plan: async () => {
      if (!programs)
        throw new Error('POSTGRES_HOME is not set: start through "npm run", which finds the tools.');
      const { plan, urls } = await planPostgres({ dataDir, env: childEnvironment }, programs, true);
      url = urls.DATABASE_URL ?? '';
      return plan;
    },
    attempts: POSTGRES_ATTEMPTS,
    onChange: () => writeLock(dataDir, { ...lock, services: entriesOf({ postgres: keeper }) }),
    onLoss: () => undefined,
  });
  try {
    await keeper.start();
    return await work(url);
  } finally {
    await keeper.stop();
    releaseLock(dataDir);
  }
}
