import { expect, test } from 'vitest';
import { readPages } from '../support/docs/pages.ts';
import { commandsOf, wordsOf } from '../support/docs/shell-words.ts';

const pages = readPages();

/** Kinds of block that test/flow/docs.test.ts runs. */
const RUN = ['sh'];

test('every block of the pages is run by a test, or says behind its language why not', () => {
  const blocks = pages.flatMap((page) => page.blocks);
  expect(blocks.length).toBeGreaterThan(20);
  const neither = blocks.filter(
    ({ language, reason }) => language === '' || (reason === null && !RUN.includes(language)),
  );
  expect(neither.map(({ place }) => place)).toEqual([]);
});

test('a page never names a server of ours or a path of one machine', () => {
  const text = pages.flatMap(({ blocks, spans }) => [...blocks, ...spans]).map((each) => each.text);
  expect(text.filter((each) => /\/home\/|\/work\/|\/root\//.test(each))).toEqual([]);
});

test.each([
  ['a line that goes on is one command', 'curl -s x \\\n  -d 1\ny &', ['curl -s x -d 1', 'y']],
  ['comments and empty lines are none', '# why\n\nls', ['ls']],
])('%s', (_, text, commands) => {
  expect(commandsOf(text)).toEqual(commands);
});

test.each([
  [`a 'b c' "d \\"e\\"" f\\ g`, ['a', 'b c', 'd "e"', 'f g']],
  [`-d '{"a": 1}' --x=y`, ['-d', '{"a": 1}', '--x=y']],
])('%s is parted as a shell parts it', (command, words) => {
  expect(wordsOf(command)).toEqual(words);
});
