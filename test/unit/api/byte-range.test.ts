import { expect, test } from 'vitest';
import { rangeOf } from '../../../api/byte-range.ts';

test.each([
  [undefined, null],
  ['bytes=0-0', { first: 0, last: 0 }],
  ['bytes=2-', { first: 2, last: 9 }],
  ['bytes=5-500', { first: 5, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-300', { first: 0, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', null],
  ['bytes=0-1,3-4', null],
  ['bytes=-', null],
  ['lines=1-2', null],
])('of ten bytes, %s is %j', (range, part) => {
  expect(rangeOf({ range, ifRange: undefined, etag: '"a"' }, 10)).toEqual(part);
});

test('sends the whole file when If-Range names another one', () => {
  expect(rangeOf({ range: 'bytes=1-2', ifRange: '"old"', etag: '"new"' }, 10)).toBeNull();
  expect(rangeOf({ range: 'bytes=1-2', ifRange: '"new"', etag: '"new"' }, 10)).toEqual({ first: 1, last: 2 });
});
