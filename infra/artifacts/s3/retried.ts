import { setTimeout as wait } from 'node:timers/promises';
import { BucketError } from './bucket-error.ts';

export const TRIES = 5;
/** Wait after the first failure; it doubles with each. */
const FIRST_WAIT_MS = 250;

export interface Patience {
  /** Factor on the waits. */
  scale: number;
  signal?: AbortSignal | undefined;
}

/** Does something until it succeeds, {@link TRIES} times at most, as long as it fails in a way that passes. */
export async function retried<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      await waitAfter(error, failures, patience);
    }
  }
}

/** Waits before the next try after `failures` in a row; throws the error instead where there is none. */
export async function waitAfter(
  error: unknown,
  failures: number,
  { scale, signal }: Patience,
): Promise<void> {
  signal?.throwIfAborted();
  if (!(error instanceof BucketError) || !error.passing || failures >= TRIES) throw error;
  const ms = FIRST_WAIT_MS * 2 ** (failures - 1) * (0.5 + Math.random() / 2) * scale;
  await wait(ms, undefined, { ...(signal && { signal }) }).catch(() => signal?.throwIfAborted());
}
