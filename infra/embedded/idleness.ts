import { readdirSync } from 'node:fs';
import { isAlive } from './process-identity.ts';
import { holdersDir } from './stack-process.ts';

const MAX_LOOK_MS = 30_000;

/** Calls `stop` once nobody needed the stack for `idleStopMs`: no open video, no watcher, no foreground `up`. */
export function stopWhenIdle(dataDir: string, api: string, idleStopMs: number, stop: () => void): void {
  let neededAt = Date.now();
  const timer = setInterval(
    async () => {
      if (await isNeeded(dataDir, api)) neededAt = Date.now();
      if (Date.now() - neededAt < idleStopMs) return;
      clearInterval(timer);
      stop();
    },
    Math.min(idleStopMs / 4, MAX_LOOK_MS),
  );
}

/** An API that can't tell (it restarts, or Postgres is away) counts as needed. */
async function isNeeded(dataDir: string, api: string): Promise<boolean> {
  if (isHeld(dataDir)) return true;
  try {
    const answer = await fetch(`${api}/health`, { signal: AbortSignal.timeout(5_000) });
    const health = (await answer.json()) as { open_videos: number | null; watchers: number };
    return health.open_videos !== 0 || health.watchers > 0;
  } catch {
    return true;
  }
}

function isHeld(dataDir: string): boolean {
  try {
    return readdirSync(holdersDir(dataDir)).some((pid) => isAlive(Number(pid)));
  } catch {
    return false;
  }
}
