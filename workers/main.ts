import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { keepChildRecords } from '../activities/child-records.ts';
import { QUEUES, type QueueName } from '../domain/stages.ts';
import { closeDeps, type Deps, openDeps } from '../infra/deps.ts';
import type { Logger } from '../infra/logger.ts';
import { listenForScrapes } from '../infra/metrics/listener.ts';
import { readConfig } from '../infra/settings/config.ts';
import { readEnv } from '../infra/settings/env.ts';
import { readSecrets } from '../infra/settings/secrets.ts';
import { ensureSearchAttributes } from '../infra/temporal/temporal.ts';
import { openLog } from '../infra/tracing/open-log.ts';
import { startWorkers } from './run.ts';
import { installRuntime } from './runtime.ts';

/** A worker process: `node .build/worker.js --lanes gpu,cpu,io,control`. Exits non-zero when a worker dies. */
async function main(): Promise<void> {
  const queues = readQueues();
  process.title = `ytempire worker ${queues.join(',')}`;
  const env = readEnv();
  const config = readConfig(env);
  const secrets = readSecrets(env);
  const name = `worker ${queues.join(',')}`;
  const { log, tracing } = await openLog(config, secrets, { name, service: 'ytempire-worker' });
  installRuntime(config, log);
  const deps = await openDeps(config, log, secrets, tracing);
  deps.metrics.watchProcess();
  try {
    const left = await keepChildRecords(config);
    if (left > 0) log.warn({ left }, 'programs that a killed worker had left were ended');
    await ensureSearchAttributes(deps.temporal, config);
    await workUntilSignalled(deps, queues);
  } catch (error) {
    log.fatal({ err: error }, 'the workers stopped');
    process.exitCode = 1;
  } finally {
    await closeDeps(deps);
  }
}

async function workUntilSignalled(deps: Deps, queues: readonly QueueName[]): Promise<void> {
  const { port } = deps.config.metrics;
  const listener = port === null ? null : await listenForScrapes(deps, port);
  try {
    await work(deps, queues);
  } finally {
    await listener?.close();
  }
}

async function work(deps: Deps, queues: readonly QueueName[]): Promise<void> {
  const signalled = stopSignal(deps.log);
  const workers = await startWorkers(deps, queues);
  deps.log.info({ queues }, 'the workers are polling');
  const { readyFile } = deps.config;
  if (readyFile !== null) await writeFile(readyFile, String(process.pid));
  try {
    await Promise.race([workers.ended, signalled]);
  } finally {
    await workers.stop();
  }
}

/** Resolves at the first SIGTERM or SIGINT, which drains; the second one ends the process at once. */
function stopSignal(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals) => {
      if (asked) process.exit(1);
      asked = true;
      log.info({ signal }, 'draining');
      resolve();
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
}

function readQueues(): QueueName[] {
  const { values } = parseArgs({ options: { lanes: { type: 'string', default: QUEUES.join(',') } } });
  const names = values.lanes.split(',');
  const unknown = names.filter((name) => !(QUEUES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`--lanes: ${unknown.join(', ')} is none of ${QUEUES.join(', ')}`);
  return names as QueueName[];
}

await main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
// By itself it would wait for the output of a program that hangs in a driver, which nobody can kill.
process.exit();
