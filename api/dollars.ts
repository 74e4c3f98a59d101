import { z } from 'zod';
import { formatDollars, type Micros, parseDollars } from '../domain/money.ts';

/** A field that takes decimal dollars, as number or text, and becomes micro-dollars. Bounds are micro-dollars too. */
export function dollarsFrom(least: Micros, most?: Micros) {
  const range =
    most === undefined
      ? `from ${formatDollars(least)}`
      : `from ${formatDollars(least)} to ${formatDollars(most)}`;
  const message = `must be an amount in dollars ${range} with at most six decimals`;
  return z.union([z.string(), z.number()], message).transform((value, context): Micros => {
    const micros = readDollars(value);
    if (micros !== null && micros >= least && (most === undefined || micros <= most)) return micros;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function readDollars(value: string | number): Micros | null {
  try {
    return parseDollars(value);
  } catch {
    return null;
  }
}
