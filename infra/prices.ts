import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Micros, parseDollars, priceOf } from '../domain/money.ts';
import type { Usage } from '../domain/results.ts';
import { projectRoot } from './project-root.ts';

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

/** Reads and checks the price list; throws an Error that names the file and every wrong entry. */
export function loadPrices(path = join(projectRoot, PRICE_FILE)): PriceList {
  const parsed = z.array(entry).safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return { file: path, entries: parsed.data };
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
