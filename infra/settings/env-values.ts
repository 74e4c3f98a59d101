import { formatDollars, type Micros, parseDollars } from '../../domain/money.ts';

/** Reads a value as it stands in the environment; throws an Error that says what is expected instead. */
type Parse<T> = (value: string) => T;

/** One variable of the environment: how it is read and what `.env.example` says about it. */
export interface Variable<T> {
  parse: Parse<T>;
  /** What it is for, in a sentence or two. */
  what: string;
  /** The value that is used when it is not set; null when there is none, or when it depends on the machine. */
  standard: string | null;
}

/** A row of the table of variables. */
export function variable<T>(parse: Parse<T>, what: string, standard: string | null = null): Variable<T> {
  return { parse, what, standard };
}

export const text: Parse<string> = (value) => value;

/** A whole number in a range, ends included. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Parse<number> {
  const range =
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${least}`
      : `a whole number from ${least} to ${most}`;
  return (value) =>
    numberWithin(value, range, (number) => Number.isInteger(number) && number >= least && number <= most);
}

/** A number from 0 to 1. */
export const share: Parse<number> = (value) =>
  numberWithin(value, 'a number from 0 to 1', (number) => number >= 0 && number <= 1);

export const url: Parse<string> = (value) => {
  const { protocol } = URL.canParse(value) ? new URL(value) : { protocol: '' };
  if (!/^https?:$/.test(protocol)) throw new Error('a URL that begins with http:// or https://');
  return value;
};

export const yesOrNo: Parse<boolean> = (value) => {
  if (/^(1|true|yes|on)$/i.test(value)) return true;
  if (/^(0|false|no|off)$/i.test(value)) return false;
  throw new Error('true or false');
};

/** An amount in dollars with at most six decimals, as micro-dollars. */
export function dollars(least: Micros): Parse<Micros> {
  const range = `an amount in dollars from ${formatDollars(least)}, with at most six decimals`;
  return (value) => {
    const amount = readDollars(value);
    if (amount === null || amount < least) throw new Error(range);
    return amount;
  };
}

function readDollars(value: string): Micros | null {
  try {
    return parseDollars(value);
  } catch {
    return null;
  }
}

/** Names such as +02:00 are none: Postgres and JavaScript read their sign the other way round. */
const ZONE_NAME = /^[a-z][a-z0-9_+-]*(\/[a-z0-9_+-]+)*$/i;

/** An IANA name of a time zone. */
export const timeZone: Parse<string> = (value) => {
  if (!ZONE_NAME.test(value) || !isKnownZone(value)) {
    throw new Error('an IANA name such as UTC or Europe/Berlin');
  }
  return value;
};

function isKnownZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export function matching(pattern: RegExp, what: string): Parse<string> {
  return (value) => {
    if (!pattern.test(value)) throw new Error(what);
    return value;
  };
}

export function oneOf<const T extends string>(...known: T[]): Parse<T> {
  return (value) => {
    const found = known.find((each) => each === value);
    if (found === undefined) throw new Error(`one of ${known.join(', ')}`);
    return found;
  };
}

function numberWithin(value: string, range: string, fits: (number: number) => boolean): number {
  const number = Number(value);
  if (value.trim() === '' || !fits(number)) throw new Error(range);
  return number;
}
