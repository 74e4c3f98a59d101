import { DefaultLogger, Runtime } from '@temporalio/worker';
import { QUEUES } from '../../domain/stages.ts';
import { closeDeps, openDeps } from '../../infra/deps.ts';
import { createLogger } from '../../infra/logger.ts';
import { readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { readSecrets } from '../../infra/settings/secrets.ts';
import { startWorkers } from '../../workers/run.ts';
import { machineWorks } from './machine-works.ts';

/** All workers of one machine of the tests, with works of fixed time: `node .build/machine.js <ms of a stage>`. */

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

const env = readEnv();
const config = readConfig(env);
const deps = await openDeps(config, createLogger(config.logLevel, config.machine.id), readSecrets(env));
const works = machineWorks(config.machine.id, Number(process.argv[2]));
const workers = await startWorkers(deps, QUEUES, { works });
process.once('SIGTERM', () => void workers.stop().then(() => closeDeps(deps)));
