import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileSeen } from '../../../api/page/while-seen.ts';

const page = Object.assign(new EventTarget(), { hidden: false });
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function show(seen: boolean): void {
  page.hidden = !seen;
  page.dispatchEvent(new Event('visibilitychange'));
}

test('a tab that nobody looks at closes its stream after a minute, and opens it when it is looked at again', () => {
  let open = 0;
  const stop = whileSeen(() => {
    open += 1;
    return () => {
      open -= 1;
    };
  });
  show(false);
  vi.advanceTimersByTime(59_999);
  show(true);
  expect(open).toBe(1);
  show(false);
  vi.advanceTimersByTime(60_000);
  expect(open).toBe(0);
  show(true);
  expect(open).toBe(1);
  stop();
  show(false);
  show(true);
  expect(open).toBe(0);
});
