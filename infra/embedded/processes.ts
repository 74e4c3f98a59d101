import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';
import { logPlace } from './log-file.ts';
import { runsAs } from './process-identity.ts';
import type { ServicePlan } from './service.ts';

const API_WITHIN_MS = 30_000;
/** Trying encoders and reaching a bucket take their time. */
const WORKER_WITHIN_MS = 60_000;
/** Somebody waits for the stack to stop: running stages are soon handed back, and go on at the next start. */
const STOP_GRACE_MS = '2000';

/** Where a process of the pipeline logs, and the whole environment that it gets. */
export interface ProcessPlace {
  dataDir: string;
  env: NodeJS.ProcessEnv;
}

/** The API, ready when it answers at `url`. */
export function planApi(place: ProcessPlace, port: number, url: string): ServicePlan {
  return {
    ...processPlan(place, 'api', []),
    port,
    isReady: async () => (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok,
    readyWithinMs: API_WITHIN_MS,
  };
}

/** One worker process for all lanes, ready when it polls. */
export function planWorker(place: ProcessPlace): ServicePlan {
  const READY_FILE = join(place.dataDir, 'worker.ready');
  const env = { SHUTDOWN_GRACE_MS: STOP_GRACE_MS, ...place.env, READY_FILE };
  const plan = processPlan({ ...place, env }, 'worker', ['--lanes', 'gpu,cpu,io,control']);
  return {
    ...plan,
    port: null,
    // What a dead worker has left there names nobody.
    isReady: async () => runsAs(Number(readFileSync(READY_FILE, 'utf8')), plan.mark),
    readyWithinMs: WORKER_WITHIN_MS,
  };
}

function processPlan(place: ProcessPlace, name: 'api' | 'worker', args: string[]) {
  const title = `ytempire ${name}`;
  return {
    name,
    command: process.execPath,
    args: [`--title=${title}`, '--enable-source-maps', join(projectRoot, '.build', `${name}.js`), ...args],
    env: place.env,
    cwd: projectRoot,
    user: null,
    mark: title,
    log: logPlace(place, name),
  };
}
