import { expect, test } from 'vitest';
import { readMarkdown } from '../../../activities/text/markdown.ts';
import { plainWords } from '../../../activities/text/markdown-inline.ts';

test.each([
  ['A [link](https://x.org/a_(b)) and ![image](i.png) text.', 'A link and text.'],
  ['**bold**, *soft*, __bold__, _soft_, ~~gone~~ and `code`.', 'bold, soft, bold, soft, gone and code.'],
  ['snake_case_name and 2 * 3 * 4 stay', 'snake_case_name and 2 * 3 * 4 stay'],
  ['Water<sup>2</sup> <b>is</b> &amp; was&nbsp;wet &#8211; 3 < 4', 'Water2 is & was wet – 3 < 4'],
  ['Noted[^1] in [the text][ref].', 'Noted in the text.'],
  ['See https://www.example.com/a/b?c=d. And <https://a.org/x>.', 'See example.com. And a.org.'],
  ['Escaped \\*stars\\*', 'Escaped *stars*'],
])('%j is spoken as %j', (markdown, words) => {
  expect(plainWords(markdown)).toBe(words);
});

test('headings, paragraphs, lists and quotes are read in order', () => {
  const text = [
    '---\ntitle: "From the front"\n---\n# Title #\n\nOne line\ngoes on.\n',
    'Under\n-----\n- first\n  continued\n* second\n  1. third\n\n> A quote\n> of two lines.\n',
    '### Deep\nText:\n- a\n- b\n',
  ].join('\n');
  expect(readMarkdown(text)).toEqual({
    title: 'From the front',
    sections: [
      { heading: 'Title', level: 1, blocks: [{ kind: 'paragraph', text: 'One line goes on.' }] },
      {
        heading: 'Under',
        level: 2,
        blocks: [
          { kind: 'list', items: ['first continued', 'second', 'third'] },
          { kind: 'quote', text: 'A quote of two lines.' },
        ],
      },
      {
        heading: 'Deep',
        level: 3,
        blocks: [
          { kind: 'paragraph', text: 'Text:' },
          { kind: 'list', items: ['a', 'b'] },
        ],
      },
    ],
  });
});

test('what nobody can listen to is left out: code, tables, comments, rules, link targets', () => {
  const text =
    'Before.\n\n```js\nconst x = 1;\n# no heading\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<!-- not\nthis -->\n\n***\n\n[ref]: https://x.org\n\nAfter.';
  expect(readMarkdown(text).sections).toEqual([
    {
      heading: null,
      level: 0,
      blocks: [
        { kind: 'paragraph', text: 'Before.' },
        { kind: 'paragraph', text: 'After.' },
      ],
    },
  ]);
});

test('plain text is paragraphs, a dash in it no list and a number at a line start no item', () => {
  const text = 'It began in\n1969. Nobody knew.\n\nA second – with a dash.';
  expect(readMarkdown(text).sections[0]?.blocks).toEqual([
    { kind: 'paragraph', text: 'It began in 1969. Nobody knew.' },
    { kind: 'paragraph', text: 'A second – with a dash.' },
  ]);
});
