import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLock, type StackLock } from '../../infra/embedded/lock-file.ts';
import { freePort } from '../../infra/embedded/ports.ts';
import { supervisorFile } from '../../infra/embedded/stack-process.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fakes/openai.ts';
import { paidPrices } from '../support/fakes/paid-prices.ts';
import type { Victim } from './plan.ts';

const START_MS = 180_000;
const STOP_MS = 60_000;

/** A whole embedded stack with a folder of its own, whose scripts and voice are bought from a fake that counts. */
export interface ChaosStack {
  dataDir: string;
  openai: FakeOpenAi;
  lock(): StackLock;
  /** kill -9; false when the victim was not running at that moment. */
  kill(victim: Victim): boolean;
  /** Stops everything and removes the folder; `keep` leaves it to be looked at. */
  stop(keep: boolean): Promise<void>;
}

export async function startChaosStack(): Promise<ChaosStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ytempire-chaos-'));
  // Run by root, Postgres runs as another user, who must be able to enter.
  chmodSync(dataDir, 0o755);
  const openai = await startFakeOpenAi();
  const supervisor = spawnSupervisor(dataDir, openai.url, await freePort(0));
  const lock = () => readLock(dataDir) ?? fail('the stack has no lock.json');
  if (!(await becomes(() => lock().api !== null, START_MS))) {
    fail(`the stack did not start: see ${join(dataDir, 'logs')}`);
  }
  return {
    dataDir,
    openai,
    lock,
    kill: (victim) => killNow(lock().services[victim]?.pid),
    async stop(keep) {
      await ended(supervisor);
      await openai.close();
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function spawnSupervisor(dataDir: string, openaiUrl: string, apiPort: number): ChildProcess {
  const prices = join(dataDir, 'prices.json');
  writeFileSync(prices, JSON.stringify(paidPrices().entries));
  const log = openSync(join(dataDir, 'supervisor.log'), 'a');
  return spawn(process.execPath, ['--enable-source-maps', supervisorFile], {
    env: {
      ...withoutServers(process.env),
      DATA_DIR: dataDir,
      // While a killed API is away nobody else may take its port, as another stack takes the preferred one.
      API_PORT: String(apiPort),
      OPENAI_BASE_URL: openaiUrl,
      OPENAI_API_KEY: 'key-of-the-chaos-run',
      PRICES_FILE: prices,
      // This harness asks every few milliseconds, and is told all the same.
      RATE_LIMIT: '1000000',
      // A dead worker's stages are to be missed within the run, its lease too.
      LEASE_MS: '5000',
      RECONCILE_MS: '2000',
    },
    stdio: ['ignore', log, log],
  });
}

/** `npm test` has servers of its own: this stack must not use them. */
function withoutServers(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DATABASE_URL, REDIS_URL, TEMPORAL_ADDRESS, TEMPORAL_UI, ...rest } = env;
  return rest;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) });
  child.kill('SIGTERM');
  await exit;
}

function killNow(pid: number | undefined): boolean {
  try {
    if (!pid) return false;
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

function fail(message: string): never {
  throw new Error(message);
}
