import { setTimeout as wait } from 'node:timers/promises';
import type { ApiDeps } from '../app.ts';
import type { Liveness } from './message.ts';
import { RECHECK_MS } from './run-stream.ts';

/** While no event comes, whoever watches is told of changes by a look this often. */
const AWAY_RECHECK_MS = 2_000;

/** Watches Redis for one stream. */
export interface LivenessWatch {
  /** Tells the client when the answer is not what it was told last; true = events come as they happen. */
  check(): Promise<boolean>;
  /** Waits until the next look is due: sooner while Redis is away. Returns early when the signal aborts. */
  untilNextLook(signal: AbortSignal): Promise<void>;
}

/** A client takes for granted that events come, until it is told otherwise. */
export function watchLiveness(
  { events, recheckMs = RECHECK_MS }: ApiDeps,
  tell: (message: Liveness) => Promise<void>,
): LivenessWatch {
  let told = true;
  return {
    async check() {
      const live = await events.isLive();
      if (live !== told) await tell({ type: 'live', live });
      told = live;
      return live;
    },
    async untilNextLook(signal) {
      const ms = told ? recheckMs : Math.min(recheckMs, AWAY_RECHECK_MS);
      await wait(ms, undefined, { signal }).catch(() => undefined);
    },
  };
}
