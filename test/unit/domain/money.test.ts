import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDollars, parseDollars, priceOf, toDollars, toNumeric } from '../../../domain/money.ts';

const micros = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });

test('every amount survives Postgres text and JSON numbers unchanged', () => {
  fc.assert(
    fc.property(micros, (amount) => {
      expect(parseDollars(toNumeric(amount))).toBe(amount);
      expect(parseDollars(JSON.parse(JSON.stringify(toDollars(amount))))).toBe(amount);
    }),
  );
});

test('sums of amounts are exact where sums of floats are not', () => {
  expect(parseDollars(0.1) + parseDollars(0.2)).toBe(parseDollars(0.3));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 50 }), (amounts) => {
      const total = amounts.reduce((sum, amount) => sum + parseDollars(toNumeric(amount)), 0);
      expect(total).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
    }),
  );
});

test.each([
  ['0.4', 400_000],
  ['2.800000', 2_800_000],
  [' 3 ', 3_000_000],
  [1.5, 1_500_000],
  [0.000001, 1],
  ['-0.5', -500_000],
  ['-0', 0],
])('%j dollars are %i micro-dollars', (dollars, expected) => {
  expect(parseDollars(dollars)).toBe(expected);
});

test.each(['', '1.2345678', '1,5', '1e3', 'NaN', '.5', '1000000', Number.NaN, 1e-7, 1e9])(
  '%j is no amount',
  (value) => {
    expect(() => parseDollars(value)).toThrow(RangeError);
  },
);

test('a price is never rounded down, and never up for binary noise', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (quantity, price) => {
        expect(priceOf(quantity, price)).toBe(quantity * price);
        expect(priceOf(quantity / 1000, price)).toBe(Math.ceil((quantity * price) / 1000));
      },
    ),
  );
  expect(priceOf(3, 0.4)).toBe(2);
  expect(priceOf(1.1, 10)).toBe(11);
});

test('what is no quantity has no price', () => {
  expect(() => priceOf(-1, 5)).toThrow(RangeError);
  expect(() => priceOf(Number.NaN, 5)).toThrow(RangeError);
  expect(() => toNumeric(0.5)).toThrow(RangeError);
});

test.each([
  [400_000, '$0.40'],
  [2_300, '$0.0023'],
  [3_000_000, '$3.00'],
  [1, '$0.000001'],
  [0, '$0.00'],
])('%i is shown as %s', (amount, text) => {
  expect(formatDollars(amount)).toBe(text);
});
