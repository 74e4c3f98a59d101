import type { Deps } from '../infra/deps.ts';
import { readLock } from '../infra/embedded/lock-file.ts';
import { type Config, readConfig } from '../infra/settings/config.ts';
import { readEnv } from '../infra/settings/env.ts';
import { readSecrets } from '../infra/settings/secrets.ts';
import { migrate, openPool } from '../infra/stores/postgres.ts';
import { startOrJoin } from './stack.ts';

/** The database of the operator, else that of the stack of this data folder, which is started for it. */
export async function openDatabase(
  dataDir: string,
): Promise<Pick<Deps, 'pool' | 'config' | 'secrets'> & { close(): Promise<void> }> {
  const env = readEnv();
  const config = env.DATABASE_URL === undefined ? await stackConfig(dataDir) : standalone(env.DATABASE_URL);
  if (env.DATABASE_URL !== undefined) await migrate(config);
  const pool = openPool(config);
  return { pool, config, secrets: readSecrets(env), close: () => pool.end() };
}

async function stackConfig(dataDir: string): Promise<Config> {
  await startOrJoin(dataDir);
  const url = readLock(dataDir)?.postgres;
  if (!url) throw new Error('The stack has no database of its own: set DATABASE_URL.');
  return standalone(url);
}

/** The other two servers are not needed for what only the database knows. */
function standalone(databaseUrl: string): Config {
  const unused = { REDIS_URL: 'redis://unused', TEMPORAL_ADDRESS: 'unused' };
  return readConfig({ ...unused, ...readEnv(), DATABASE_URL: databaseUrl });
}
