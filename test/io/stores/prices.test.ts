import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Usage } from '../../../domain/results.ts';
import { loadPrices, priceUsage } from '../../../infra/money/prices.ts';

const folder = await mkdtemp(join(tmpdir(), 'ytempire-prices-'));
afterAll(() => rm(folder, { recursive: true }));

const prices = loadPrices();

function used(provider: string, model: string, quantity: number, unit: string): Usage {
  return { service: 'cpu_compute', operation: 'x', provider, model, quantity, unit };
}

async function listOf(entries: unknown): Promise<string> {
  const path = join(folder, 'prices.json');
  await writeFile(path, JSON.stringify(entries));
  return path;
}

test('compute is billed by the second, rounded up to a micro-dollar', () => {
  expect(priceUsage(prices, used('local', 'cpu-slot', 60, 'second'))).toBe(3_000);
  expect(priceUsage(prices, used('local', 'gpu-slot', 0.001, 'second'))).toBe(1);
});

test('what is made on this machine without buying anything costs nothing', () => {
  expect(priceUsage(prices, used('offline', 'anything', 5, 'scene'))).toBe(0);
  expect(priceUsage(prices, used('hibari-tts', 'any voice', 900, 'character'))).toBe(0);
});

test('a usage without a price is an error that names what to add, and where', () => {
  expect(() => priceUsage(prices, used('openai', 'gpt-9', 5, 'token'))).toThrow(
    `no price for openai, model gpt-9, per token: add it to ${prices.file}`,
  );
  expect(() => priceUsage(prices, used('local', 'cpu-slot', 5, 'hour'))).toThrow('per hour');
});

test('a price may be far below a micro-dollar a unit', async () => {
  const entry = {
    ...anEntry('compatible', 'm', 'prompt_token'),
    price_usd: '0.00000015',
  };
  const list = loadPrices(await listOf([entry]));
  expect(priceUsage(list, used('compatible', 'm', 1_000_000, 'prompt_token'))).toBe(150_000);
  expect(priceUsage(list, used('compatible', 'm', 1, 'prompt_token'))).toBe(1);
});

test('an own entry counts before the shipped one, and the others stay', async () => {
  const list = loadPrices(
    await listOf([{ ...anEntry('openai', 'gpt-4o-mini', 'prompt_token'), price_usd: '0.000001' }]),
  );
  expect(priceUsage(list, used('openai', 'gpt-4o-mini', 1_000_000, 'prompt_token'))).toBe(1_000_000);
  expect(priceUsage(list, used('openai', 'gpt-4o-mini', 1_000_000, 'completion_token'))).toBe(600_000);
  expect(list.file).toBe(join(folder, 'prices.json'));
});

const WELL = anEntry('openai', 'gpt-9', 'prompt_token');

test.each<[string, unknown, RegExp]>([
  ['a price as a number', { ...WELL, price_usd: 1 }, /entry 2 \(openai gpt-9 prompt_token\): price_usd: /],
  ['a price with ten decimals', { ...WELL, price_usd: '0.0000000001' }, /price_usd: decimal dollars as text/],
  ['a negative price', { ...WELL, price_usd: '-1' }, /price_usd: decimal dollars as text/],
  ['a misspelt field', { ...WELL, pirce_usd: '1' }, /entry 2 \(openai gpt-9 prompt_token\): .*pirce_usd/],
  ['no source', { ...WELL, source: undefined }, /source: /],
  ['a date that is none', { ...WELL, read_on: '2026-13-01' }, /read_on: /],
  [
    'a misspelt provider',
    { ...WELL, provider: 'opneai' },
    /no provider is called opneai, only compatible, .*openai/,
  ],
  [
    'a misspelt unit',
    { ...WELL, unit: 'promt_token' },
    /nothing is bought by the promt_token, only by .*prompt_token/,
  ],
  [
    'an entry twice',
    anEntry('openai', 'gpt-8', 'prompt_token'),
    /openai gpt-8 prompt_token: it is there twice/,
  ],
  ['something else', 'free', /entry 2 \(\? \? \?\): /],
])('%s is refused, and the message names file, entry and field', async (_, wrong, message) => {
  const path = await listOf([anEntry('openai', 'gpt-8', 'prompt_token'), wrong]);
  expect(() => loadPrices(path)).toThrow(message);
  expect(() => loadPrices(path)).toThrow(path);
});

test('a file that is no JSON, or not there, is named', async () => {
  const path = join(folder, 'broken.json');
  await writeFile(path, '[{"provider": ');
  expect(() => loadPrices(path)).toThrow(path);
  expect(() => loadPrices(join(folder, 'nowhere.json'))).toThrow('nowhere.json');
});

function anEntry(provider: string, model: string, unit: string) {
  return { provider, model, unit, price_usd: '0.1', source: 's', read_on: '2026-01-01' };
}
