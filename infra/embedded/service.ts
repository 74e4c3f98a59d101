import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { LogFile, type LogPlace, logLines } from './log-file.ts';
import { stopSignalOf } from './orphans.ts';
import { becomes } from './wait.ts';

const STOP_MS = 10_000;
/** An ended process' children may go on with its output. */
const LAST_WORDS_MS = 500;
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
  log: LogPlace;
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
  const log = new LogFile(plan.log);
  const child = spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...plan.user,
  });
  logLines(child.stdout, log);
  logLines(child.stderr, log);
  let reason: string | null = null;
  const ended = endOf(child).then((why) => {
    reason = why;
    log.close();
    return why;
  });
  return { pid: child.pid ?? 0, ended, hasEnded: () => reason !== null };
}

/** Resolves with the reason once the process has ended and all that it said is read. */
function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  return new Promise((resolve) => {
    const end = (why: string) => {
      // What it has started may hold its pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(why);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => {
      const why = `ended with ${code ?? signal}`;
      const late = setTimeout(() => end(why), LAST_WORDS_MS);
      child.on('close', () => {
        clearTimeout(late);
        end(why);
      });
    });
  });
}

/** Waits for readiness. Throws an Error with the log's last lines when the process ends or takes too long. */
export async function ready(plan: ServicePlan, service: RunningService): Promise<void> {
  const inTime = await becomes(async () => service.hasEnded() || (await plan.isReady()), plan.readyWithinMs);
  if (inTime && !service.hasEnded()) return;
  const what = service.hasEnded() ? await service.ended : `not ready within ${plan.readyWithinMs / 1000} s`;
  throw new Error(`${plan.name}: ${what}\n${lastLines(plan.log.path)}`);
}

/** The end of a log, for a message; of one that was just begun also the end of the one before. */
export function lastLines(path: string, count = LAST_LINES): string {
  const newest = linesOf(path);
  const lines = newest.length < count ? [...linesOf(`${path}.1`), ...newest] : newest;
  if (lines.length === 0) return `  | (${path} is empty)`;
  return lines
    .slice(-count)
    .map((line) => `  | ${toldBy(line)}`)
    .join('\n');
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
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
