import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../infra/project-root.ts';
import { createTestDeps, type TestDeps } from './test-deps.ts';

/** The pipeline as an operator runs it: API and worker as processes of their own, on a schema of the test's. */
export interface Processes {
  deps: TestDeps;
  api: string;
  worker: ChildProcess;
  /** Starts one more worker, for example after the first was killed. */
  startWorker(): ChildProcess;
  close(): Promise<void>;
}

export async function startProcesses(env: Record<string, string> = {}): Promise<Processes> {
  const deps = await createTestDeps();
  const running: ChildProcess[] = [];
  const start = (entry: string, args: string[]) => {
    const child = spawn(process.execPath, [join(projectRoot, '.build', entry), ...args], {
      env: { ...process.env, ...environmentOf(deps), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    return child;
  };
  const startWorker = () => start('worker.js', ['--lanes', 'gpu,cpu,io,control']);
  const worker = startWorker();
  const api = await listening(start('api.js', []));
  return { deps, api, worker, startWorker, close: () => closeAll(running, deps) };
}

async function closeAll(running: ChildProcess[], deps: TestDeps): Promise<void> {
  const living = running.filter((child) => child.exitCode === null && child.signalCode === null);
  const ends = living.map((child) => once(child, 'exit'));
  for (const child of living) child.kill('SIGTERM');
  await Promise.all(ends);
  await deps.close();
}

/** The URL that the API prints when it listens. */
async function listening(api: ChildProcess): Promise<string> {
  if (!api.stdout) throw new Error('the API has no standard output');
  let text = '';
  for await (const chunk of api.stdout) {
    text += String(chunk);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (url) return url;
  }
  throw new Error(`the API ended before it listened: ${text}`);
}

function environmentOf({ config }: TestDeps): Record<string, string> {
  return {
    DATABASE_URL: config.databaseUrl,
    DATABASE_SCHEMA: config.schema,
    REDIS_URL: config.redisUrl,
    REDIS_PREFIX: config.redisPrefix,
    TEMPORAL_ADDRESS: config.temporal.address,
    TASK_QUEUE_PREFIX: config.temporal.taskQueuePrefix,
    ARTIFACTS: `file:${config.artifactsDir}`,
    DATA_DIR: config.dataDir,
    MACHINE_ID: config.machine.id,
    API_PORT: '0',
    LOG_LEVEL: 'warn',
  };
}
