import { loadPrices, type PriceList } from '../../../infra/money/prices.ts';

/** The shipped prices, with a server on this machine as dear as OpenAI: fakes then cost what the real ones would. */
export function paidPrices(): PriceList {
  const shipped = loadPrices();
  return { ...shipped, entries: [...paidEntries(), ...shipped.entries] };
}

/** OpenAI's prices for a server on this machine, as an operator's own price list. */
export function paidEntries(): PriceList['entries'][number][] {
  const paid = loadPrices().entries.filter(({ provider }) => provider === 'openai');
  return paid.map((price) => ({ ...price, provider: 'loopback' }));
}
