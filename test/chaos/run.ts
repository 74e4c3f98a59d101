import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../activities/cards/random.ts';
import { isFinal } from '../../domain/video.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import type { VideoLine } from '../../infra/views/video-list.ts';
import { postOrder } from '../support/watch.ts';
import type { Check } from './check.ts';
import { checkAll } from './checks.ts';
import { type Kill, planKills } from './plan.ts';
import { type ChaosStack, startChaosStack } from './stack.ts';

export interface ChaosOptions {
  seed: string;
  videos: number;
  kills: number;
  /** Length of each video, seconds. */
  seconds: number;
  /** The run is given up after this long. */
  limitMs: number;
}

export interface ChaosReport {
  seed: string;
  videos: number;
  /** Those that met a running victim. */
  kills: Record<string, number>;
  tookMs: number;
  checks: Check[];
}

const POLL_MS = 100;
const QUIET_MS = 30_000;

/**
 * Makes videos on a whole stack of its own while its processes are killed -9, in random order and at random
 * moments of the videos' progress, then checks that nothing was lost, paid twice or left behind.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const began = performance.now();
  const stack = await startChaosStack();
  let checks: Check[] = [];
  try {
    const ids = await submitAll(stack, options);
    const kills = await killByProgress(stack, options, began);
    const done = await allEnd(stack, began + options.limitMs);
    say(`${done ? 'all videos have ended' : 'time is up'} after ${seconds(began)}`);
    await becomes(() => isQuiet(stack), QUIET_MS);
    checks = await checkAll(stack, ids, kills);
    return { seed: options.seed, videos: ids.length, kills, tookMs: performance.now() - began, checks };
  } finally {
    await stack.stop(checks.length === 0 || checks.some(({ ok }) => !ok));
  }
}

async function submitAll(stack: ChaosStack, { videos, seconds: duration }: ChaosOptions): Promise<string[]> {
  const { api } = stack.lock();
  const ids: string[] = [];
  for (let n = 1; n <= videos; n++) {
    const prompt = `Chapter ${n} of ${videos}: why the deep sea glows`;
    ids.push(await postOrder(api ?? '', { prompt, duration, complexity: n % 2 ? 'simple' : 'complex' }));
  }
  return ids;
}

async function killByProgress(
  stack: ChaosStack,
  { seed, kills, limitMs }: ChaosOptions,
  began: number,
): Promise<Record<string, number>> {
  const met: Record<string, number> = {};
  for (const kill of planKills(kills, seededRandom(seed))) {
    await reaches(stack, kill, began + limitMs);
    const hit = stack.kill(kill.victim);
    if (hit) met[kill.victim] = (met[kill.victim] ?? 0) + 1;
    say(
      `[${seconds(began)}] ${kill.at.toFixed(0)} %: kill -9 ${kill.victim}${hit ? '' : ' (was down already)'}`,
    );
  }
  return met;
}

/** Waits for the moment of a kill. While the API or Postgres is down nobody can say how far the videos are. */
async function reaches(stack: ChaosStack, { at }: Kill, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const videos = await readVideos(stack);
    if (videos && meanProgress(videos) >= at) return;
    await pause(POLL_MS);
  }
}

async function allEnd(stack: ChaosStack, deadline: number): Promise<boolean> {
  const ended = async () => {
    const videos = await readVideos(stack);
    return videos?.every(({ status }) => isFinal(status)) ?? false;
  };
  return becomes(ended, deadline - performance.now());
}

/** True when every process is back. */
async function isQuiet(stack: ChaosStack): Promise<boolean> {
  const services = Object.values(stack.lock().services);
  return services.every(({ ready_ms }) => ready_ms !== null) && (await readVideos(stack)) !== null;
}

function meanProgress(videos: readonly VideoLine[]): number {
  const parts = videos.map(({ status, progress }) => (status === 'completed' ? 100 : progress));
  return parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length);
}

async function readVideos(stack: ChaosStack): Promise<VideoLine[] | null> {
  try {
    const answer = await fetch(`${stack.lock().api}/pipeline/videos?limit=100`, {
      signal: AbortSignal.timeout(2_000),
    });
    return answer.ok ? ((await answer.json()) as { videos: VideoLine[] }).videos : null;
  } catch {
    return null;
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`;
}

/** Whoever waits sees how far it is. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
