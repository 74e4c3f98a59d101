import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundSentence } from '../../../activities/text/clauses.ts';
import { boundWords, MAX_WORD_CHARS, splitSentences } from '../../../activities/text/sentences.ts';

test.each([
  ['Dr. Smith met Prof. Jones. They talked.', ['Dr. Smith met Prof. Jones.', 'They talked.']],
  ['It costs 3.50 dollars. Really!', ['It costs 3.50 dollars.', 'Really!']],
  ['See https://example.com/a.b?c=d. Then go on.', ['See https://example.com/a.b?c=d.', 'Then go on.']],
  ['J. K. Rowling wrote it. W. H. Auden did not.', ['J. K. Rowling wrote it.', 'W. H. Auden did not.']],
  [
    'The U.S. Navy came. He left the U.S. The ship sank.',
    ['The U.S. Navy came.', 'He left the U.S.', 'The ship sank.'],
  ],
  ['We use e.g. Lamps, i.e. light.', ['We use e.g. Lamps, i.e. light.']],
  ['"Why?" he asked. "Because!" she said.', ['"Why?" he asked.', '"Because!" she said.']],
  ['He said "Stop." Then he left.', ['He said "Stop."', 'Then he left.']],
  ['Wait… What? Yes!!! No.', ['Wait…', 'What?', 'Yes!!!', 'No.']],
  ['1. First of all. 2. And then.', ['1. First of all.', '2. And then.']],
  ['See fig. 3 and no. 7 for it.', ['See fig. 3 and no. 7 for it.']],
  ['深い海は光る。なぜか？', ['深い海は光る。', 'なぜか？']],
  ['A line\nthat goes\ton. Next', ['A line that goes on.', 'Next']],
  ['Good … Bye! *** ', ['Good …', 'Bye! ***']],
  ['', []],
])('%j is split where a speaker would stop', (text, sentences) => {
  expect(splitSentences(text)).toEqual(sentences);
});

const prose = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('Dr.', 'a.m.', 'end.', 'why?', '3.5', '“No!”', '…', ','),
    ),
  )
  .map((words) => words.join(' '));

test('no text loses a word when it is split, and none comes twice', () => {
  fc.assert(
    fc.property(prose, (text) => {
      const wanted = text.split(/\s+/).filter(Boolean);
      expect(splitSentences(text).flatMap((sentence) => sentence.split(/\s+/))).toEqual(wanted);
    }),
  );
});

test('a long sentence is broken at its clauses', () => {
  const sentence =
    'The fish carries a lamp below each eye that shines far red, and because its eyes can see that red as well, it owns a searchlight that none of its prey can notice.';
  expect(boundSentence(sentence, 20)).toEqual([
    'The fish carries a lamp below each eye that shines far red,',
    'and because its eyes can see that red as well, it owns a searchlight that none of its prey can notice.',
  ]);
});

test('a list in a sentence is not torn apart when it is only a little too long', () => {
  const sentence =
    'It has appeared in bacteria, worms, jellyfish, squid, sharks, snails, shrimps and bony fish, each with its own chemistry, its own lamp, its own way.';
  expect(boundSentence(sentence, 20)).toEqual([sentence]);
});

test('pieces hold every word in order and at most 1.6 times the wanted number', () => {
  const words = fc.array(fc.constantFrom('sea', 'light,', 'and', 'glows;', 'which', '—', 'deep'), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 8, max: 40 }), (list, max) => {
      const pieces = boundSentence(list.join(' '), max).map((piece) => piece.split(' ').filter(Boolean));
      expect(pieces.flat()).toEqual(list);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(max * 1.6);
    }),
  );
});

test('a "word" without end is cut, since a voice would spell it for minutes', () => {
  expect(boundWords(`a ${'x'.repeat(3_000)} b`)).toBe(`a ${'x'.repeat(MAX_WORD_CHARS)} b`);
});
