import type { SpendState } from '../domain/budget.ts';
import type { ChargeSignal } from '../domain/contract.ts';

/** The charges of one attempt on their way to its workflow. */
export interface SpendSignal {
  /** Returns at once. While one signal is under way the others become one, with the newest state. */
  tell(signal: ChargeSignal & SpendState): void;
  /** Resolves when nothing is under way any more. */
  told(): Promise<void>;
}

/** `send` must not throw. */
export function createSpendSignal(send: (signal: ChargeSignal) => Promise<void>): SpendSignal {
  let waiting: (ChargeSignal & SpendState) | null = null;
  let sending: Promise<void> | null = null;
  const sendAll = async () => {
    while (waiting) {
      const next = waiting;
      waiting = null;
      await send(next);
    }
    sending = null;
  };
  return {
    tell(signal) {
      waiting = waiting ? together(waiting, signal) : signal;
      sending ??= sendAll();
    },
    told: () => sending ?? Promise.resolve(),
  };
}

function together<S extends ChargeSignal & SpendState>(one: S, other: S): S {
  const newest = other.seq > one.seq ? other : one;
  return { ...newest, amount: one.amount + other.amount };
}
