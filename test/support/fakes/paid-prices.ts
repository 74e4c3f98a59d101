import { loadPrices, type PriceList } from '../../../infra/prices.ts';

/** The shipped prices, with a server on this machine as dear as OpenAI: fakes then cost what the real ones would. */
export function paidPrices(): PriceList {
  const shipped = loadPrices();
  const paid = shipped.entries.filter(({ provider }) => provider === 'openai');
  return {
    ...shipped,
    entries: [...paid.map((price) => ({ ...price, provider: 'loopback' })), ...shipped.entries],
  };
}
