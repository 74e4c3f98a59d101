import type { Complexity } from './video.ts';

const BASE = 1_000_000;
/** One priority level outweighs 100,000 s = 27.8 hours of waiting. */
const PER_PRIORITY = 100_000;
const PREMIUM_BONUS = 50_000;

/**
 * Admission order, larger first: priority leads, premium is half a level, and each second of waiting
 * counts one. Ties are broken by created_at, then id. `createdAtS` is epoch seconds with fraction.
 */
export function scoreOf(priority: number, complexity: Complexity, createdAtS: number): number {
  return BASE - createdAtS + priority * PER_PRIORITY + (complexity === 'premium' ? PREMIUM_BONUS : 0);
}

/** The same formula in SQL over the columns priority, complexity and created_at. */
export const SCORE_SQL = `(${BASE} - extract(epoch FROM created_at) + priority * ${PER_PRIORITY}
  + CASE WHEN complexity = 'premium' THEN ${PREMIUM_BONUS} ELSE 0 END)`;

/** Temporal's priority key (1 is first) for our priority (10 is first). It only orders a lost machine's backlog. */
export function temporalPriority(priority: number): number {
  return 11 - priority;
}
