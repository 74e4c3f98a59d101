import type { ErrorKind } from './errors.ts';

export const PROVIDER_KINDS = ['llm', 'speech', 'transcription', 'footage', 'statistics'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** So many failures in a row, of whatever videos, close a provider. */
export const FAILURES_TO_CLOSE = 5;

/** What the gate remembers of a provider. */
export interface GateState {
  state: 'open' | 'closed';
  /** In a row. */
  failures: number;
  /** In a row, each twice as long as the one before. */
  closings: number;
}

/** So long a used-up allowance closes a provider that does not say when it is back. */
export const EXHAUSTED_MS = 15 * 60_000;

/**
 * What a failed call says of its provider: it is away, its account is no good, an allowance is used up, it lives, or
 * nothing at all.
 */
export type FailureSign = 'outage' | 'account' | 'exhausted' | 'alive' | 'none';

const SIGNS: Partial<Record<ErrorKind, FailureSign>> = {
  connection: 'outage',
  timeout: 'outage',
  server_error: 'outage',
  provider_account: 'account',
  rate_limited: 'alive',
  quota: 'exhausted',
  invalid_response: 'alive',
};

export function signOf(kind: ErrorKind): FailureSign {
  return SIGNS[kind] ?? 'none';
}

const LONGEST_CLOSING = 15;

/** The gate after a call that found its provider away; `probing` = it was the one call that may try a closed one. */
export function afterOutage({ state, failures, closings }: GateState, probing: boolean): GateState {
  if (state === 'closed' && !probing) return { state, failures, closings };
  const closes = probing || failures + 1 >= FAILURES_TO_CLOSE;
  return {
    state: closes ? 'closed' : 'open',
    failures: failures + 1,
    closings: closes ? closings + 1 : closings,
  };
}

/** How long the n-th closing in a row lasts: `firstMs`, then twice as long each time, fifteen times at most. */
export function closedForMs(closings: number, firstMs: number): number {
  return firstMs * Math.min(2 ** (closings - 1), LONGEST_CLOSING);
}
