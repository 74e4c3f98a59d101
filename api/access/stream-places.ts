import { ProblemError } from '../errors.ts';
import type { Caller } from './caller.ts';

/** Most streams that one API process holds open, for all and for one key; without keys only the first counts. */
export const MAX_STREAMS = 200;
export const MAX_STREAMS_PER_KEY = 100;

export interface StreamPlaces {
  /**
   * Takes a place for a stream of the caller and returns what gives it back (once, however often it is called).
   * Throws a ProblemError: 503 when all are taken, 429 when the caller's key holds too many.
   */
  take(caller: Pick<Caller, 'name' | 'by'>): () => void;
  /** How many are open now. */
  readonly open: number;
}

export function createStreamPlaces(limits = { all: MAX_STREAMS, each: MAX_STREAMS_PER_KEY }): StreamPlaces {
  const held = new Map<string, number>();
  let open = 0;
  const add = (who: string, one: 1 | -1) => {
    const count = (held.get(who) ?? 0) + one;
    if (count === 0) held.delete(who);
    else held.set(who, count);
    open += one;
  };
  return {
    take({ name: who, by }) {
      if (open >= limits.all) throw noPlace(503, 'streams_full', `${limits.all} streams are open already`);
      if (by !== 'loopback' && (held.get(who) ?? 0) >= limits.each) {
        throw noPlace(429, 'too_many_streams', `you hold ${limits.each} streams already`);
      }
      add(who, 1);
      let given = false;
      return () => {
        if (!given) add(who, -1);
        given = true;
      };
    },
    get open() {
      return open;
    },
  };
}

function noPlace(status: 429 | 503, code: 'streams_full' | 'too_many_streams', what: string): ProblemError {
  return new ProblemError(status, code, `${what}; close one, or try again later.`, {
    headers: { 'retry-after': '15' },
  });
}
