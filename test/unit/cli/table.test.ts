import { expect, test } from 'vitest';
import { jsonLine, oneLine } from '../../../cli/client/format.ts';
import { nearest } from '../../../cli/client/nearest.ts';
import { writeTable } from '../../../cli/client/table.ts';
import { cellsOf, cutTo } from '../../../cli/client/text-width.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

test.each([
  ['abc', 3],
  ['深海', 4],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['☀\ufe0f', 2],
  ['\u200b', 0],
])('%s takes %i cells', (text, cells) => {
  expect(cellsOf(text)).toBe(cells);
});

test('a text is cut between signs, never beyond the width', () => {
  const text = 'Tief 深海 👩‍👩‍👧 e\u0301\u0301 end';
  for (let width = 0; width <= 20; width += 1) {
    const cut = cutTo(text, width);
    expect(cellsOf(cut)).toBeLessThanOrEqual(width);
    expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
  }
  expect(cutTo(text, 100)).toBe(text);
});

test('no line of a table is wider than its terminal, down to very narrow ones; columns stay below each other', () => {
  const columns = [{ title: 'ID' }, { title: 'COST', right: true }, { title: 'SUBJECT' }];
  const rows = [
    ['aaaa', '$1.00', '深海の光について'],
    ['b', { text: '$10.00', tone: 'bad' as const }, 'A long subject of a video that goes on'],
  ];
  for (let width = 5; width < 70; width += 3) {
    const terminal = createTestTerminal({ columns: width });
    writeTable(terminal, columns, rows);
    for (const line of terminal.out.split('\n')) expect(cellsOf(line)).toBeLessThanOrEqual(width);
  }
  const terminal = createTestTerminal();
  writeTable(terminal, columns, rows);
  expect(terminal.out.split('\n').slice(0, 3)).toEqual([
    'ID      COST  SUBJECT',
    'aaaa   $1.00  深海の光について',
    'b     $10.00  A long subject of a video that goes on',
  ]);
});

test('control signs, line ends, halves of pairs and turned text become spaces, in JSON they become escapes', () => {
  const evil = 'a\u001b[31mb\r\nc\u0000\u009bd\u202ee\u2066f\ud800g';
  expect(oneLine(evil)).toBe('a [31mb c d e f g');
  const line = jsonLine({ evil });
  expect(JSON.parse(line)).toEqual({ evil });
  expect(line).toMatch(/^[\u0020-\u007e]+\n$/);
});

test.each([
  ['lsit', 'list'],
  ['cancle', 'cancel'],
  ['res', 'resume'],
  ['duratoin', null],
  ['xyz', null],
])('of the commands %s is like %s', (word, near) => {
  expect(nearest(word, ['list', 'cancel', 'resume', 'halt'])).toBe(near);
});
