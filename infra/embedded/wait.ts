import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;

/** Waits until `condition` answers true (an error in it counts as false); false after `timeoutMs`. */
export async function becomes(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (await holds(condition)) return true;
    if (performance.now() > end) return false;
    await sleep(POLL_MS);
  }
}

async function holds(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await condition();
  } catch {
    return false;
  }
}
