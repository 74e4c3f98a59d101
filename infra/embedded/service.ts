import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { stopSignalOf } from './orphans.ts';
import { becomes } from './wait.ts';

const STOP_MS = 10_000;
const MAX_LOG_BYTES = 10 * 1024 ** 2;
const LAST_LINES = 8;

/** Where a server keeps its files, and the environment it is started with. */
export interface ServerPlace {
  dataDir: string;
  env: NodeJS.ProcessEnv;
}

/** Addresses as the processes of the pipeline read them from their environment. */
export interface ServerUrls {
  DATABASE_URL: string;
  REDIS_URL: string;
  TEMPORAL_ADDRESS: string;
  TEMPORAL_UI?: string;
}

/** A server to start, and the addresses that it will answer at. */
export interface ServerPlan {
  plan: ServicePlan;
  urls: Partial<ServerUrls>;
}

/** One process of the stack: how to start it and how to see that it serves. */
export interface ServicePlan {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** User to run as, when not our own. */
  user: { uid: number; gid: number } | null;
  mark: string;
  port: number | null;
  logFile: string;
  /** Asked again and again by the service's own protocol; an error means not yet. */
  isReady: () => Promise<boolean>;
  readyWithinMs: number;
}

export interface RunningService {
  pid: number;
  /** Resolves with the reason when the process has ended. */
  ended: Promise<string>;
  hasEnded: () => boolean;
}

/** Starts the process in its own group: a terminal's Ctrl-C must not reach it before our ordered stop. */
export function launch(plan: ServicePlan): RunningService {
  const child = spawnWithLog(plan);
  let reason: string | null = null;
  const ended = new Promise<string>((resolve) => {
    const end = (why: string) => {
      reason = why;
      resolve(why);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(`ended with ${code ?? signal}`));
  });
  return { pid: child.pid ?? 0, ended, hasEnded: () => reason !== null };
}

function spawnWithLog(plan: ServicePlan): ChildProcess {
  const log = openLog(plan.logFile);
  try {
    return spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...plan.user,
    });
  } finally {
    closeSync(log);
  }
}

/** Appends; a log that has grown large becomes `<log>.1` first. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** Waits for readiness. Throws an Error with the log's last lines when the process ends or takes too long. */
export async function ready(plan: ServicePlan, service: RunningService): Promise<void> {
  const inTime = await becomes(async () => service.hasEnded() || (await plan.isReady()), plan.readyWithinMs);
  if (inTime && !service.hasEnded()) return;
  const what = service.hasEnded() ? await service.ended : `not ready within ${plan.readyWithinMs / 1000} s`;
  throw new Error(`${plan.name}: ${what}\n${lastLines(plan.logFile)}`);
}

/** The end of a log, for a message. */
export function lastLines(path: string, count = LAST_LINES): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count);
    return lines.map((line) => `  | ${toldBy(line)}`).join('\n');
  } catch {
    return `  | (${path} is empty)`;
  }
}

/** What a line of our own logs says to people; other programs' lines as they are. */
function toldBy(line: string): string {
  try {
    const { msg, err } = JSON.parse(line);
    return [msg, err?.message].filter((part) => typeof part === 'string').join(': ');
  } catch {
    return line;
  }
}

/** Asks the process to stop, then makes it. */
export async function halt(plan: ServicePlan, service: RunningService): Promise<void> {
  if (service.hasEnded() || service.pid === 0) return;
  process.kill(service.pid, stopSignalOf(plan.name));
  if (await becomes(service.hasEnded, STOP_MS)) return;
  process.kill(service.pid, 'SIGKILL');
  await service.ended;
}
