import { expect, test } from 'vitest';
import { bytes, cents, clock, duration, money } from '../../../api/page/format.ts';

test.each([
  [0, '0 s'],
  [-5_000, '0 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [7_505_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%i ms are read as "%s"', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, '$0.00'],
  [0.4, '$0.40'],
  [2.8, '$2.80'],
  [0.002345, '$0.002345'],
  [0.1 + 0.2, '$0.30'],
])('%f dollars are read as "%s"', (dollars, text) => {
  expect(money(dollars)).toBe(text);
});

test.each([
  [16.8512, '$16.85'],
  [0.004342, '$0.0043'],
  [0.00001, '$0.00'],
  [2.999999, '$3.00'],
])('%f dollars are seen at a glance as "%s"', (dollars, text) => {
  expect(cents(dollars)).toBe(text);
});

test.each([
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [999_950, '1.0 MB'],
  [12_345_678, '12.3 MB'],
  [5e12, '5.0 TB'],
])('%i bytes are read as "%s"', (count, text) => {
  expect(bytes(count)).toBe(text);
});

test('a clock has two digits everywhere', () => {
  expect(clock(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('03:04:05');
});
