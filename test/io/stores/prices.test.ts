import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Usage } from '../../../domain/results.ts';
import { loadPrices, priceUsage } from '../../../infra/prices.ts';

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
    provider: 'p',
    model: 'm',
    unit: 'token',
    price_usd: '0.00000015',
    source: 's',
    read_on: '2026-01-01',
  };
  const list = loadPrices(await listOf([entry]));
  expect(priceUsage(list, used('p', 'm', 1_000_000, 'token'))).toBe(150_000);
  expect(priceUsage(list, used('p', 'm', 1, 'token'))).toBe(1);
});

test('a list with a wrong entry is refused, and the message names file and field', async () => {
  const path = await listOf([{ provider: 'p', model: 'm', unit: 'u', price_usd: 1, source: 's' }]);
  expect(() => loadPrices(path)).toThrow(path);
  expect(() => loadPrices(path)).toThrow('price_usd');
});
