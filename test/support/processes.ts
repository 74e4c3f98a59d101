import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort } from '../../infra/embedded/ports.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { environmentOf } from './process-environment.ts';
import { createTestDeps, type TestDeps } from './test-deps.ts';

/** The pipeline as an operator runs it: API and worker as processes of their own, on a schema of the test's. */
export interface Processes {
  deps: TestDeps;
  api: string;
  worker: ChildProcess;
  /** Starts one more worker, for example after the first was killed, with more of what an operator would set. */
  startWorker(more?: Record<string, string>): ChildProcess;
  close(): Promise<void>;
}

/** `env` is what an operator would set, for example the address and key of a provider. */
export async function startProcesses(env: Record<string, string> = {}): Promise<Processes> {
  const deps = await createTestDeps();
  const port = await freePort(0);
  const running: ChildProcess[] = [];
  const start = (entry: string, args: string[], more: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [join(projectRoot, '.build', entry), ...args], {
      env: { ...process.env, ...environmentOf(deps), ...env, ...more, API_PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    running.push(child);
    return child;
  };
  const startWorker = (more?: Record<string, string>) =>
    start('worker.js', ['--lanes', 'gpu,cpu,io,control'], more);
  const worker = startWorker();
  const api = await listening(start('api.js', []), `http://127.0.0.1:${port}`);
  return { deps, api, worker, startWorker, close: () => closeAll(running, deps) };
}

async function closeAll(running: ChildProcess[], deps: TestDeps): Promise<void> {
  const living = running.filter((child) => child.exitCode === null && child.signalCode === null);
  const ends = living.map((child) => once(child, 'exit'));
  for (const child of living) child.kill('SIGTERM');
  await Promise.all(ends);
  await deps.close();
}

/** Resolves when the API answers; an API that has ended is an error. */
async function listening(api: ChildProcess, url: string): Promise<string> {
  await vi.waitFor(
    async () => {
      if (api.exitCode !== null) throw new Error('the API ended before it listened');
      expect((await fetch(`${url}/health`)).ok).toBe(true);
    },
    { timeout: 60_000, interval: 50 },
  );
  return url;
}
