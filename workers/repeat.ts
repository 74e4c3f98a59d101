import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../infra/logger.ts';

/**
 * Does something again and again, `everyMs` after its last end, until stopped. A failure is logged and the
 * next turn comes as usual.
 */
export function repeat(everyMs: number, name: string, log: Logger, work: () => Promise<unknown>): () => void {
  const stopped = new AbortController();
  const loop = async () => {
    while (!stopped.signal.aborted) {
      await work().catch((error: unknown) => log.warn({ err: error }, `${name} failed`));
      await wait(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  void loop();
  return () => stopped.abort();
}
