import { test } from 'vitest';
import { killAt } from '../support/kill-cell.ts';
import { expectNothingLost } from '../support/kill-outcome.ts';
import { KILL_POINTS, type Operation, PAID_CALLS } from '../support/kill-points.ts';

test.concurrent.each(Object.keys(PAID_CALLS) as Operation[])(
  'killed -9 at four points of a paid call, %s, the worker is billed never too low and asks for nothing finished',
  async (operation) => {
    expectNothingLost(await killAt(operation, KILL_POINTS), operation, KILL_POINTS);
  },
);
