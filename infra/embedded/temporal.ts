import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { logPlace } from './log-file.ts';
import { freePort, PREFERRED_PORTS } from './ports.ts';
import type { ServerPlace, ServerPlan, ServicePlan } from './service.ts';

/**
 * One task-queue partition keeps the order by priority exact; the poll rates cut the waits of its queues; the
 * time shift is how late a timer may fire, and would make each retry wait a second more. Eager execution gives the
 * bookkeeping of a workflow back to the worker that asked for it, without a trip through its queue.
 */
export const DYNAMIC_CONFIG = {
  'matching.useNewMatcher': true,
  'matching.priorityLevels': 10,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxTimeShift': '20ms',
  'system.enableActivityEagerExecution': true,
};

/** A Temporal dev server with Web UI on 127.0.0.1; its history is in a file, or in memory. */
export async function planTemporal(place: ServerPlace, cli: string, inMemory: boolean): Promise<ServerPlan> {
  const folder = join(place.dataDir, 'temporal');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [port, uiPort, httpPort] = await Promise.all([
    freePort(PREFERRED_PORTS.temporal),
    freePort(PREFERRED_PORTS.temporalUi),
    freePort(0),
  ]);
  const ports = ['--port', port, '--ui-port', uiPort, '--http-port', httpPort].map(String);
  const ui = `http://127.0.0.1:${uiPort}`;
  const plan: ServicePlan = {
    name: 'temporal',
    command: cli,
    args: [
      'server',
      'start-dev',
      '--ip',
      '127.0.0.1',
      ...ports,
      '--log-level',
      'error',
      ...storage(folder, inMemory),
    ],
    env: place.env,
    cwd: folder,
    user: null,
    mark: `--port ${port} --ui-port ${uiPort}`,
    port,
    log: logPlace(place, 'temporal'),
    isReady: async () =>
      (await isOk(`http://127.0.0.1:${httpPort}/api/v1/namespaces/default`)) && (await isOk(ui)),
    readyWithinMs: 60_000,
  };
  return { plan, urls: { TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_UI: ui } };
}

/** WAL with synchronous NORMAL survives kill -9 and is several times faster; Postgres holds the truth. */
function storage(folder: string, inMemory: boolean): string[] {
  const config = Object.entries(DYNAMIC_CONFIG).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${JSON.stringify(value)}`,
  ]);
  if (inMemory) return config;
  const pragmas = ['journal_mode=wal', 'synchronous=normal'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  return ['--db-filename', join(folder, 'temporal.db'), ...pragmas, ...config];
}

async function isOk(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}
