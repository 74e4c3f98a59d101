import type { Micros } from './money.ts';
import { STAGES, type StageName } from './stages.ts';

/** A video stops at this total; an order may ask for less. */
export const DEFAULT_CAP: Micros = 3_000_000;
export const MIN_CAP: Micros = 400_000;

/** Largest charge from outside of the stages that is believed. */
export const MAX_EXTERNAL_CHARGE: Micros = 1_000_000_000;

/** Marks under the default cap; a lower cap moves them down by its share. */
export const WARNING_AT: Micros = 2_500_000;
export const CRITICAL_AT: Micros = 2_800_000;

/** Marks of a budget, each told once, in the order in which they are reached. */
export const MARKS = ['warning', 'critical', 'exceeded'] as const;
export type Mark = (typeof MARKS)[number];
export type BudgetLevel = 'ok' | Mark;

/** What a charge leaves behind: the ledger's total, and a number that grows with every charge of the video. */
export interface SpendState {
  total: Micros;
  seq: number;
}

/** $2.50 and $2.80 under the default cap, the same share (83 % and 93 %) of a lower one. */
export function warningAt(cap: Micros): Micros {
  return Math.floor((cap * WARNING_AT) / DEFAULT_CAP);
}

export function criticalAt(cap: Micros): Micros {
  return Math.floor((cap * CRITICAL_AT) / DEFAULT_CAP);
}

export function levelOf(total: Micros, cap: Micros): BudgetLevel {
  if (total >= cap) return 'exceeded';
  if (total >= criticalAt(cap)) return 'critical';
  return total >= warningAt(cap) ? 'warning' : 'ok';
}

/** True when the estimates of these stages still fit under the cap. Stages that run side by side are asked together. */
export function fits(total: Micros, cap: Micros, stages: readonly StageName[]): boolean {
  const wanted = stages.reduce((sum, name) => sum + STAGES[name].estimate, 0);
  return total + wanted <= cap;
}

/** Of two states of the same ledger, the later one: signals may be late, doubled or lost. */
export function laterOf(a: SpendState, b: SpendState): SpendState {
  return b.seq > a.seq ? b : a;
}
