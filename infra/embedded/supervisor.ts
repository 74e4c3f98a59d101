import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { createLogger } from '../logger.ts';
import { readConfig } from '../settings/config.ts';
import { childEnvironment, readEnv } from '../settings/env.ts';
import { createHide } from '../settings/hide-secrets.ts';
import { readSecrets } from '../settings/secrets.ts';
import { stopWhenIdle } from './idleness.ts';
import { claimLock, releaseLock, writeLock } from './lock-file.ts';
import { LogFile, logPlace } from './log-file.ts';
import { reapOrphans } from './orphans.ts';
import { startStack } from './stack.ts';
import { builtCode, holdersDir, OWNED_ELSEWHERE, supervisorTitle } from './stack-process.ts';

/** The detached process that owns a data folder: it starts the stack, keeps it running and stops it. */

const settings = readEnv();
const hide = createHide(readSecrets(settings), [settings.DATABASE_URL, settings.REDIS_URL]);
const dataDir = resolve(settings.DATA_DIR ?? '.data');
const logFile = new LogFile(logPlace({ dataDir, env: childEnvironment }, 'supervisor'));
const log = createLogger(settings.LOG_LEVEL ?? 'info', 'supervisor', hide, logFile);
process.title = supervisorTitle(dataDir);

const lock = claimLock(dataDir, process.title, builtCode());
if (!lock) process.exit(OWNED_ELSEWHERE);

const orphans = await reapOrphans(lock.services);
if (orphans.length > 0) log.warn({ orphans }, 'ended services that a killed stack left');
lock.services = {};
writeLock(dataDir, lock);

const stack = startStack({ dataDir, settings, env: childEnvironment, lock, log });
let stopping = false;

async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stack.stop();
  releaseLock(dataDir);
  rmSync(holdersDir(dataDir), { recursive: true, force: true });
  log.info('the stack is stopped');
  process.exit(exitCode);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0));

try {
  const api = await stack.ready;
  log.info({ api, temporal_ui: lock.temporal_ui }, 'the stack is ready');
  const { idleStopMs } = readConfig({ ...settings, ...stack.urls() }).times;
  stopWhenIdle(dataDir, api, idleStopMs, () => void stop(0));
} catch (error) {
  if (!stopping) log.fatal((error as Error).message);
  await stop(1);
}
