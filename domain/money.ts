/** Money is an integer number of micro-dollars (1 USD = 1_000_000). Floats never carry money. */
export type Micros = number;

export const MICROS_PER_DOLLAR = 1_000_000;

/** Largest amount that Postgres `numeric(12,6)` holds: $999,999.999999. */
const MAX_MICROS = 999_999_999_999;

const DECIMAL = /^(-?)(\d{1,6})(?:\.(\d{1,6}))?$/;

/**
 * Reads decimal dollars ("0.4", "2.800000", 1.5) as micro-dollars, exactly.
 * Throws a RangeError on anything with more than six decimals or beyond $999,999.999999.
 */
export function parseDollars(value: string | number): Micros {
  const match = DECIMAL.exec(typeof value === 'number' ? plainDecimal(value) : value.trim());
  if (!match) throw new RangeError(`not an amount in dollars with at most six decimals: ${value}`);
  const [, sign, whole = '0', fraction = ''] = match;
  const micros = Number(whole) * MICROS_PER_DOLLAR + Number(fraction.padEnd(6, '0'));
  return sign === '-' && micros > 0 ? -micros : micros;
}

/** Decimal text of an amount, six decimals, as Postgres `numeric` takes and gives it: 400000 → "0.400000". */
export function toNumeric(micros: Micros): string {
  assertMicros(micros);
  const digits = String(Math.abs(micros)).padStart(7, '0');
  return `${micros < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** The amount as a JSON number of dollars; exact, since at most 12 significant digits are needed. */
export function toDollars(micros: Micros): number {
  assertMicros(micros);
  return Number(toNumeric(micros));
}

/** An amount as Postgres writes it, as a JSON number of dollars. */
export function dollars(numeric: string | number): number {
  return toDollars(parseDollars(numeric));
}

/** Amounts together, in micro-dollars. */
export function sumOf(lines: readonly { amount: Micros }[]): Micros {
  return lines.reduce((sum, { amount }) => sum + amount, 0);
}

/** What a person reads: "$0.40", and "$0.0023" where cents would hide the amount. */
export function formatDollars(micros: Micros): string {
  const text = toNumeric(micros);
  const short = text.replace(/0{1,4}$/, '');
  return `$${short}`;
}

/** quantity × price, rounded up to a whole micro-dollar, so that a bill is never too low. */
export function priceOf(quantity: number, microsPerUnit: number): Micros {
  if (!(quantity >= 0) || !(microsPerUnit >= 0)) {
    throw new RangeError(`quantity and price must not be negative: ${quantity} × ${microsPerUnit}`);
  }
  // Binary noise such as 1.2000000000000002 must not cost a micro-dollar more.
  return Math.ceil(Number((quantity * microsPerUnit).toFixed(6)));
}

function plainDecimal(value: number): string {
  return Math.abs(value) < 1e-6 && value !== 0 ? String(value) : value.toString();
}

function assertMicros(micros: Micros): void {
  if (!Number.isInteger(micros) || Math.abs(micros) > MAX_MICROS) {
    throw new RangeError(`not a whole number of micro-dollars: ${micros}`);
  }
}
