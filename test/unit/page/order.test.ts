import { expect, test } from 'vitest';
import { readOrder } from '../../../api/order-schema.ts';
import { EMPTY, fieldOf, forgetRequestKey, orderOf, requestKeyOf } from '../../../api/page/order/draft.ts';

test('a form as it comes, with a topic, is an order that the API takes', () => {
  expect(readOrder({ ...orderOf({ ...EMPTY, text: 'The deep sea' }), dry_run: true })).toMatchObject({
    orders: [{ prompt: 'The deep sea', priority: 5, duration: 60, max_cost: 3_000_000 }],
    dryRun: true,
  });
});

test.each([
  ['article', { source: 'article', text: '# A title' }, { article: '# A title' }],
  ['numbers', { text: 'x', priority: '9', duration: '45' }, { prompt: 'x', priority: 9, duration: 45 }],
] as const)('%s of the form become the body', (_, changed, expected) => {
  expect(orderOf({ ...EMPTY, ...changed })).toMatchObject(expected);
});

test('every fault of the API has a field of the form to stand at', () => {
  const bad = {
    ...EMPTY,
    text: '',
    priority: 'many',
    duration: '',
    max_cost: '99',
    language: '?',
    title: 'a\nb',
  };
  const answer = readOrder(orderOf(bad));
  const fields = 'faults' in answer ? answer.faults.map(({ field }) => fieldOf(field)) : [];
  expect(new Set(fields)).toEqual(new Set(['text', 'priority', 'duration', 'max_cost', 'language', 'title']));
});

test('the request key stays with the body, and is new for another body and after an order was taken', () => {
  const first = requestKeyOf('a');
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(requestKeyOf('a')).toBe(first);
  expect(requestKeyOf('b')).not.toBe(first);
  const second = requestKeyOf('a');
  forgetRequestKey();
  expect(requestKeyOf('a')).not.toBe(second);
});
