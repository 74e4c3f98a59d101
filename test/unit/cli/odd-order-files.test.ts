import { expect, test } from 'vitest';
import { readCsv } from '../../../cli/orders/csv.ts';
import { readMarkdown } from '../../../cli/orders/markdown.ts';

const LONG = 300_000;

test.each<[string, () => unknown, string]>([
  [
    'a bullet of spaces',
    () => readMarkdown(`- a\n  - b${' '.repeat(LONG)}c\n`, {}),
    'a bullet under a topic',
  ],
  ['a key without an end', () => readMarkdown(`- a\n  - ${'b'.repeat(LONG)}: 1\n`, {}), 'not a field'],
  ['a title without an end', () => readCsv(`${'b'.repeat(LONG)}\nc\n`, {}), 'not a field'],
])('%s is refused at once, however long it is', (_, read, said) => {
  const refused = JSON.stringify(read());
  expect(refused).toContain(said);
  expect(refused.length).toBeLessThan(300);
});

test.each(['__proto__', 'constructor', 'toString'])('a column %s is no field and names no other', (title) => {
  const fault = `line 1, column 1: "${title}" is not a field of an order`;
  expect(readCsv(`${title},prompt\na,b\n`, {})).toEqual({ faults: [fault] });
});

test('a key of a list may stand before its colon with spaces', () => {
  expect(readMarkdown('- a\n  - Max cost  :  2\n  - Duration: 45\n', {})).toMatchObject({
    orders: [{ fields: { prompt: 'a', max_cost: '2', duration: 45 } }],
  });
});
