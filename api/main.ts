import { closeDeps, openDeps } from '../infra/deps.ts';
import { readConfig } from '../infra/settings/config.ts';
import { readEnv } from '../infra/settings/env.ts';
import { readApiSecrets } from '../infra/settings/secrets.ts';
import { openLog } from '../infra/tracing/open-log.ts';
import { serveApi } from './serve.ts';

/** An API process: `node .build/api.js`. Exits non-zero when it cannot listen. */
async function main(): Promise<void> {
  process.title = 'ytempire api';
  const env = readEnv();
  const config = readConfig(env);
  const secrets = readApiSecrets(env);
  const { log, tracing } = await openLog(config, secrets, { name: 'api', service: 'ytempire-api' });
  const deps = await openDeps(config, log, secrets, tracing);
  deps.metrics.watchProcess();
  try {
    const api = await serveApi(deps);
    log.info({ url: api.url }, 'the API listens');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        void api.stop().then(() => closeDeps(deps));
      });
    }
  } catch (error) {
    log.fatal((error as Error).message);
    process.exit(1);
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
