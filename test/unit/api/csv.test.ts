import { expect, test } from 'vitest';
import { csvOf } from '../../../api/csv.ts';

test.each([
  ['plain', 'plain'],
  ['with, comma', '"with, comma"'],
  ['with "quotes"', '"with ""quotes"""'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['=1+1', "'=1+1"],
  ['+31', "'+31"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  [-2.5, '-2.5'],
  [0, '0'],
  [null, ''],
])('a cell of %j is written as %j: no text is a formula', (cell, written) => {
  expect(csvOf(['a', 'b'], [[cell, 1]])).toBe(`a,b\r\n${written},1\r\n`);
});
