import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Refetch } from '../../../api/page/refetch.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function counted() {
  let reads = 0;
  const finish: (() => void)[] = [];
  const refetch = new Refetch(
    () => {
      reads += 1;
      return new Promise((resolve) => finish.push(() => resolve()));
    },
    { quietMs: 100, gapMs: 1_000 },
  );
  return {
    refetch,
    reads: () => reads,
    finish: async () => {
      finish.pop()?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('a hundred events are one reading', async () => {
  const { refetch, reads } = counted();
  for (let i = 0; i < 100; i++) refetch.ask();
  await vi.advanceTimersByTimeAsync(100);
  expect(reads()).toBe(1);
});

test('what is asked while it reads is read once more, after the gap', async () => {
  const { refetch, reads, finish } = counted();
  void refetch.now();
  refetch.ask();
  refetch.ask();
  await finish();
  await vi.advanceTimersByTimeAsync(999);
  expect(reads()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(reads()).toBe(2);
});

test('a slow answer gets as much rest again', async () => {
  const { refetch, reads, finish } = counted();
  void refetch.now();
  await vi.advanceTimersByTimeAsync(5_000);
  await finish();
  refetch.ask();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(reads()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(reads()).toBe(2);
});
