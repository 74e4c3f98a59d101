export interface RateLimit {
  /** Takes one call of `who`; 0 when it may go on, else the milliseconds until the next one may. */
  take(who: string): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MINUTE_MS = 60_000;
/** Callers that are remembered, twice this at most; beyond it the ones that were silent longest start anew. */
const MANY = 10_000;

/**
 * A token bucket per caller, in the memory of this process: `perMinute` calls at once when rested, then as many
 * a minute. `now` is a monotonic clock in milliseconds.
 */
export function createRateLimit(perMinute: number, now: () => number = () => performance.now()): RateLimit {
  const perMs = perMinute / MINUTE_MS;
  // Two generations instead of a sweep: a flood of new addresses costs each call the same.
  let recent = new Map<string, Bucket>();
  let older = new Map<string, Bucket>();

  function keep(who: string, bucket: Bucket): void {
    recent.set(who, bucket);
    if (recent.size < MANY) return;
    older = recent;
    recent = new Map();
  }

  return {
    take(who) {
      const bucket = recent.get(who) ?? older.get(who) ?? { tokens: perMinute, atMs: now() };
      const tokens = Math.min(perMinute, bucket.tokens + (now() - bucket.atMs) * perMs);
      const allowed = tokens >= 1;
      keep(who, { tokens: allowed ? tokens - 1 : tokens, atMs: now() });
      return allowed ? 0 : Math.ceil((1 - tokens) / perMs);
    },
  };
}
