import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order } from '../../domain/video.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { admit } from '../../infra/queue/admission.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { childEnvironment } from '../../infra/settings/env.ts';
import { ensureSearchAttributes } from '../../infra/temporal/temporal.ts';
import { environmentOf } from '../support/process-environment.ts';
import { anOrder, createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { watchCores } from './machine-load.ts';

const PATIENCE_MS = 20 * 60_000;

export interface Setting {
  /** What varies: worker processes, or places of one. */
  count: number;
  videos: number;
  order: (index: number) => Partial<Order>;
  /** Lanes that they register in all. */
  lanes: number;
  /** Command lines of the processes to start, each with its own environment. */
  processes: { args: string[]; env: Record<string, string> }[];
}

export interface Row {
  count: number;
  videos: number;
  perMinute: number;
  /** Share of the machine's cores that was busy. */
  busy: number;
}

/**
 * Makes the videos on tables of their own; all wait before the first is admitted, so that no worker is ever short of
 * them. Throws when one fails.
 */
export async function runSetting({ count, videos, order, processes, lanes }: Setting): Promise<Row> {
  const deps = await createTestDeps({ queueMax: 100_000 });
  const running: ChildProcess[] = [];
  try {
    await ensureSearchAttributes(deps.temporal, deps.config);
    await deps.pool.query('UPDATE pipeline_state SET paused = true');
    for (const { args, env } of processes) running.push(start(deps, args, env));
    const until = waitWhileAll(running);
    await until(async () => (await countOf(deps, 'lane_workers')) === lanes);
    for (let index = 0; index < videos; index++) {
      const answer = await submitOrder(deps, anOrder({ channel_id: 'bench', ...order(index) }));
      if (!answer.accepted) throw new Error(answer.code);
    }
    const [from, busy] = [performance.now(), watchCores()];
    await deps.pool.query('UPDATE pipeline_state SET paused = false');
    await admit(deps);
    await until(async () => (await countOf(deps, `video_queue WHERE completed_at IS NOT NULL`)) === videos);
    const minutes = (performance.now() - from) / 60_000;
    const completed = await countOf(deps, `video_queue WHERE status = 'completed'`);
    if (completed < videos) throw new Error(`${videos - completed} videos of the bench failed`);
    return { count, videos, perMinute: videos / minutes, busy: busy() };
  } finally {
    const living = running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = living.map((child) => once(child, 'exit'));
    for (const child of living) child.kill('SIGTERM');
    await Promise.all(ends);
    await deps.close();
  }
}

/** With the lease, tick and waits of production. */
function start(deps: TestDeps, [entry = '', ...args]: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [join(projectRoot, '.build', entry), ...args], {
    env: { ...childEnvironment, ...environmentOf(deps), LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function countOf({ pool }: TestDeps, what: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*) AS n FROM ${what}`);
  return Number(rows[0]?.n);
}

/** Waits for a condition, or throws when a process has ended before it. */
function waitWhileAll(running: readonly ChildProcess[]) {
  return async (condition: () => Promise<boolean>): Promise<void> => {
    const hasEnded = () => running.some(({ exitCode }) => exitCode !== null);
    const came = await becomes(async () => hasEnded() || (await condition()), PATIENCE_MS);
    if (!came || hasEnded()) throw new Error('a worker of the bench ended, or nothing happened for too long');
  };
}
