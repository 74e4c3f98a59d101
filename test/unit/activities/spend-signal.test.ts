import { expect, test } from 'vitest';
import { createSpendSignal } from '../../../activities/spend-signal.ts';
import type { ChargeSignal } from '../../../domain/contract.ts';
import { latch } from '../../support/latch.ts';

const charge = (seq: number) => ({ id: `c${seq}`, amount: 10, total: 10 * seq, seq });

test('while a signal is under way the others become one, with the newest state and all of the money', async () => {
  const gate = latch();
  const sent: ChargeSignal[] = [];
  const spend = createSpendSignal(async (signal) => {
    sent.push(signal);
    await gate.opened;
  });
  for (const seq of [1, 2, 4, 3]) spend.tell(charge(seq));
  expect(sent).toEqual([charge(1)]);
  gate.open();
  await spend.told();
  expect(sent).toEqual([charge(1), { id: 'c4', amount: 30, total: 40, seq: 4 }]);
  spend.tell(charge(5));
  await spend.told();
  expect(sent.at(-1)).toEqual(charge(5));
});

test('with nothing under way there is nothing to wait for', async () => {
  await createSpendSignal(() => Promise.reject(new Error('nothing was told'))).told();
});
