import { expect, test } from 'vitest';
import { ERROR_KINDS, type ErrorKind } from '../../../domain/errors.ts';
import { afterOutage, closedForMs, type GateState, signOf } from '../../../domain/provider-gate.ts';

const OPEN: GateState = { state: 'open', failures: 0, closings: 0 };

test('the fifth failure in a row closes a provider, and no earlier one', () => {
  let gate = OPEN;
  for (const failures of [1, 2, 3, 4]) {
    gate = afterOutage(gate, false);
    expect(gate).toEqual({ state: 'open', failures, closings: 0 });
  }
  expect(afterOutage(gate, false)).toEqual({ state: 'closed', failures: 5, closings: 1 });
});

test('a failure that was under way when the provider closed changes nothing, one of the probe closes it again', () => {
  const closed: GateState = { state: 'closed', failures: 5, closings: 1 };
  expect(afterOutage(closed, false)).toEqual(closed);
  expect(afterOutage(closed, true)).toEqual({ state: 'closed', failures: 6, closings: 2 });
});

test('closings double from a minute to fifteen', () => {
  expect([1, 2, 3, 4, 5, 6, 60].map((n) => closedForMs(n, 60_000) / 60_000)).toEqual([
    1, 2, 4, 8, 15, 15, 15,
  ]);
});

test('what only a service can have said is a sign of its life, what may be our own fault is none', () => {
  const kinds = Object.keys(ERROR_KINDS) as ErrorKind[];
  const by = (sign: string) => kinds.filter((kind) => signOf(kind) === sign);
  expect(by('outage')).toEqual(['connection', 'timeout', 'server_error']);
  expect(by('account')).toEqual(['provider_account']);
  expect(by('exhausted')).toEqual(['quota']);
  expect(by('alive')).toEqual(['rate_limited', 'invalid_response']);
});
