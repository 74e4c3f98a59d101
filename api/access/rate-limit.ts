export interface RateLimit {
  /** Takes one call of `who`; 0 when it may go on, else the milliseconds until the next one may. */
  take(who: string): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MINUTE_MS = 60_000;
/** A full bucket says nothing, so it may be forgotten; this is how many are kept before that is done. */
const MANY = 10_000;

/**
 * A token bucket per caller, in the memory of this process: `perMinute` calls at once when rested, then as many
 * a minute. `now` is a monotonic clock in milliseconds.
 */
export function createRateLimit(perMinute: number, now: () => number = () => performance.now()): RateLimit {
  const buckets = new Map<string, Bucket>();
  const perMs = perMinute / MINUTE_MS;
  const filled = ({ tokens, atMs }: Bucket) => Math.min(perMinute, tokens + (now() - atMs) * perMs);

  function forgetFull(): void {
    for (const [who, bucket] of buckets) if (filled(bucket) >= perMinute) buckets.delete(who);
    // All of them busy: a flood from many addresses. Memory stays bounded, the oldest start anew.
    for (const who of buckets.keys()) if (buckets.size >= MANY) buckets.delete(who);
  }

  return {
    take(who) {
      const bucket = buckets.get(who);
      const tokens = bucket ? filled(bucket) : perMinute;
      if (!bucket && buckets.size >= MANY) forgetFull();
      const allowed = tokens >= 1;
      buckets.set(who, { tokens: allowed ? tokens - 1 : tokens, atMs: now() });
      return allowed ? 0 : Math.ceil((1 - tokens) / perMs);
    },
  };
}
