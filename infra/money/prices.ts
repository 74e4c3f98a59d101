import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Micros, parseDollars, priceOf } from '../../domain/money.ts';
import type { Usage } from '../../domain/results.ts';
import { projectRoot } from '../project-root.ts';

const PRICE_FILE = 'infra/prices.json';
const ANY = '*';

/** Decimal dollars per unit, down to a billionth: a single token costs less than a micro-dollar. */
const PRICE = /^\d{1,6}(\.\d{1,9})?$/;

const entry = z.strictObject({
  provider: z.string().min(1),
  model: z.string().min(1),
  unit: z.string().min(1),
  price_usd: z.string().regex(PRICE, 'decimal dollars as text'),
  source: z.string().min(1),
  read_on: z.iso.date(),
});

type PriceEntry = z.infer<typeof entry>;

export interface PriceList {
  file: string;
  entries: readonly PriceEntry[];
}

/**
 * The shipped price list, with the operator's own entries before it, so that they count where both have a price. Throws
 * an Error that names the file and every wrong entry; a provider or unit that nothing is bought by is wrong too.
 */
export function loadPrices(ownFile: string | null = null): PriceList {
  const shippedFile = join(projectRoot, PRICE_FILE);
  const shipped = readEntries(shippedFile);
  if (ownFile === null) return { file: shippedFile, entries: shipped };
  const own = readEntries(ownFile);
  const faults = own.flatMap((one, index) => faultsOf(one, own.slice(0, index), shipped));
  if (faults.length > 0) throw new Error(`${ownFile}: ${faults.join('; ')}`);
  return { file: ownFile, entries: [...own, ...shipped] };
}

function readEntries(file: string): PriceEntry[] {
  const list = jsonOf(file);
  const parsed = z.array(entry).safeParse(list);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const [index, ...field] = path;
    const which = typeof index === 'number' ? `entry ${index + 1}${nameOf(list, index)}` : 'the list';
    return `${which}: ${[...field.map(String), message].join(': ')}`;
  });
  throw new Error(`${file}: ${faults.join('; ')}`);
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What can be told of an entry that may hold anything. */
function nameOf(list: unknown, index: number): string {
  const { provider, model, unit } = ((list as unknown[])[index] ?? {}) as Record<string, unknown>;
  return ` (${[provider, model, unit].map((part) => String(part ?? '?')).join(' ')})`;
}

/** Prices of any other server with OpenAI's protocol: only the operator knows them. */
const OPERATORS_OWN = 'compatible';

/** A misspelt entry would never be used, and another price would count in silence. */
function faultsOf(one: PriceEntry, before: readonly PriceEntry[], shipped: readonly PriceEntry[]): string[] {
  const name = `${one.provider} ${one.model} ${one.unit}`;
  const providers = new Set([OPERATORS_OWN, ...shipped.map(({ provider }) => provider)]);
  const units = new Set(shipped.map(({ unit }) => unit));
  const doubled = before.some(
    ({ provider, model, unit }) => provider === one.provider && model === one.model && unit === one.unit,
  );
  return [
    ...(providers.has(one.provider)
      ? []
      : [`${name}: no provider is called ${one.provider}, only ${[...providers].join(', ')}`]),
    ...(units.has(one.unit)
      ? []
      : [`${name}: nothing is bought by the ${one.unit}, only by ${[...units].join(', ')}`]),
    ...(doubled ? [`${name}: it is there twice`] : []),
  ];
}

/**
 * What a usage costs, rounded up to a whole micro-dollar. Throws when the list has no price for it: a
 * call whose price nobody knows must not be made for free. `*` in the list stands for any model or unit.
 */
export function priceUsage(prices: PriceList, usage: Usage): Micros {
  const { provider, model, unit } = usage;
  const found = prices.entries.find(
    (price) => price.provider === provider && matches(price.model, model) && matches(price.unit, unit),
  );
  if (!found) {
    throw new Error(`no price for ${provider}, model ${model}, per ${unit}: add it to ${prices.file}`);
  }
  return priceOf(usage.quantity, microsOf(found.price_usd));
}

function matches(pattern: string, value: string): boolean {
  return pattern === ANY || pattern === value;
}

/** Micro-dollars per unit, with fraction where the unit is worth less than one. */
function microsOf(priceUsd: string): number {
  const [whole = '0', fraction = ''] = priceUsd.split('.');
  const digits = fraction.padEnd(9, '0');
  return parseDollars(`${whole}.${digits.slice(0, 6)}`) + Number(digits.slice(6)) / 1000;
}
