import { openArtifacts } from '../infra/artifacts/store.ts';
import { loadPrices } from '../infra/money/prices.ts';
import { readConfig } from '../infra/settings/config.ts';
import { type Env, readEnv } from '../infra/settings/env.ts';
import { readSecrets } from '../infra/settings/secrets.ts';
import { CliError, EXIT } from './client/cli-error.ts';

/** Stand for the addresses of servers that are about to be started. */
const TO_COME: Env = { DATABASE_URL: '-', REDIS_URL: '-', TEMPORAL_ADDRESS: '-' };

/**
 * Throws a CliError for whatever would end a process of the stack at its start for a wrong setting: found here, before
 * a server is started for it. No server is asked.
 */
export function checkSettings(env: Env = readEnv()): void {
  try {
    const config = readConfig({ ...TO_COME, ...env });
    loadPrices(config.pricesFile);
    openArtifacts(config, readSecrets(env));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.operator, `The stack can't start with these settings: ${why}`, error);
  }
}
