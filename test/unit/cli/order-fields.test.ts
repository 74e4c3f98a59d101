import { expect, test } from 'vitest';
import { faultsOf, ORDER_FIELDS, valueFrom } from '../../../cli/orders/order-fields.ts';
import { requestKey } from '../../../cli/orders/request-key.ts';

const field = (name: string) => {
  const found = ORDER_FIELDS.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};

test.each([
  ['priority', '8', 8],
  ['priority', '8.5', '8.5'],
  ['priority', '-1', '-1'],
  ['publish', 'Yes', true],
  ['publish', '0', false],
  ['publish', 'maybe', 'maybe'],
  ['keywords', ' a; b,,c ', ['a', 'b', 'c']],
  ['title', '007', '007'],
  ['max_cost', '1.50', '1.50'],
])('%s "%s" stands for %j', (name, text, value) => {
  expect(valueFrom(field(name), text)).toEqual(value);
});

test('each field of an order has a flag of its own, and what fits nothing is named by its field', () => {
  expect(new Set(ORDER_FIELDS.map(({ flag }) => flag)).size).toBe(ORDER_FIELDS.length);
  expect(field('channel_id').flag).toBe('channel');
  expect(faultsOf({ prompt: 'x', priority: '8.5', publish: 'maybe' }).map((fault) => fault.field)).toEqual([
    'priority',
    'publish',
  ]);
});

test('the key of an order is that of its content, whatever the order of its fields', () => {
  expect(requestKey({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(requestKey({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(requestKey({ a: 1 })).not.toBe(requestKey({ a: '1' }));
  expect(requestKey([{}])).not.toBe(requestKey([{}], 1));
  expect(requestKey({})).toMatch(/^[\x21-\x7e]{1,200}$/);
});
