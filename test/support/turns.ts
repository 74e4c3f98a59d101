import { latch } from './latch.ts';

/** What lets work wait for the next turn of a story. */
export interface Turns {
  /** Resolves at the next turn; at once when the story is over. */
  next(): Promise<void>;
  go(): void;
  end(): void;
}

export function createTurns(): Turns {
  let turn = latch();
  return {
    next: () => turn.opened,
    go() {
      turn.open();
      turn = latch();
    },
    end: () => turn.open(),
  };
}
