import { isOwned, readLock, type StackLock } from '../../infra/embedded/lock-file.ts';
import { type Config, readConfig } from '../../infra/settings/config.ts';
import type { Env } from '../../infra/settings/env.ts';
import { readSecrets, type Secrets } from '../../infra/settings/secrets.ts';

/** What the checks look at. */
export interface Patient {
  env: Env;
  dataDir: string;
  /** With the addresses of the running stack; `unknown` where there is no server. */
  config: Config;
  secrets: Secrets;
  /** The stack that runs in the data folder, or null. */
  lock: StackLock | null;
}

export const UNKNOWN = 'unknown';

export function readPatient(env: Env, dataDir: string): Patient {
  const found = readLock(dataDir);
  const lock = found && isOwned(found) ? found : null;
  const config = readConfig({
    ...env,
    DATA_DIR: dataDir,
    DATABASE_URL: env.DATABASE_URL ?? lock?.postgres ?? UNKNOWN,
    REDIS_URL: env.REDIS_URL ?? lock?.redis ?? UNKNOWN,
    TEMPORAL_ADDRESS: env.TEMPORAL_ADDRESS ?? lock?.temporal ?? UNKNOWN,
  });
  return { env, dataDir, config, secrets: readSecrets(env), lock };
}
