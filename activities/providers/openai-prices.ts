import { StageError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/results.ts';
import { type PriceList, priceUsage } from '../../infra/prices.ts';

/**
 * Asks before a call whether its bill could be written. Throws a StageError `invalid_input` that names the
 * price to add: a call whose price nobody knows must not be made.
 */
export function requirePrices(prices: PriceList, usages: readonly Usage[]): void {
  for (const usage of usages) {
    try {
      priceUsage(prices, { ...usage, quantity: 0 });
    } catch (error) {
      throw new StageError('invalid_input', error instanceof Error ? error.message : String(error));
    }
  }
}
