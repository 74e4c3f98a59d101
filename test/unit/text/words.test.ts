import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText, oneLine, shorten } from '../../../activities/text/clean-text.ts';
import { findFigure, MAX_FIGURE_CHARS } from '../../../activities/text/figures.ts';
import { describe as describeVideo, tagsFrom, videoTitle } from '../../../activities/text/labels.ts';
import { contentWords, countWords, keywords } from '../../../activities/text/words.ts';

test.each([
  ['The trench is almost 11,000 metres deep.', '11,000 metres'],
  ['Of these, 76 percent glow.', '76%'],
  ['It happened at least 40 times in 2024.', '40 times'],
  ['A prize of $3 million was paid.', '$3 million'],
  ['Light of 480 nanometres.', '480 nanometres'],
  ['It is 12,700 kilometres wide.', '12,700 km'],
  ['About 540 million years ago.', '540 million'],
  ['They saw 350,000 sightings.', null],
  ['It grew by 3.5% a year.', '3.5%'],
  ['In 1962 he described two proteins.', null],
  ['The 1980s colours were loud; 1962 proteins too.', null],
  ['See section 3, figure 2 and v2.0.', null],
  ['Nothing here.', null],
])('the figure of %j is %j', (text, figure) => {
  expect(findFigure(text)).toBe(figure);
});

test('a figure is never wider than its card', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(
        [...(findFigure(`${text} 12,345,678,901 million dollars ${text}`) ?? '')].length,
      ).toBeLessThanOrEqual(MAX_FIGURE_CHARS);
    }),
  );
});

test('controls, NUL, zero-width and bidi marks and half characters are removed', () => {
  expect(cleanText('a\u0000b\u200bc\u202ed\ufeffe\ud800f\u0007g\r\nh\u00adi')).toBe('abcdefg\nhi');
  expect(oneLine('  a \n\t b  ')).toBe('a b');
});

test('a shortened text ends at a word, is within its bound and holds no half character', () => {
  expect(shorten('The deep sea glows, and nobody knows', 21)).toBe('The deep sea glows…');
  expect(shorten('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, max) => {
      const short = shorten(text, max);
      expect([...short].length).toBeLessThanOrEqual(max);
      expect(/\p{Cs}/u.test(short)).toBe(false);
    }),
  );
});

test('content words leave out the small words and treat plural and singular as one', () => {
  expect(contentWords("The jellyfish's glasses and the boxes of berries: oceans, an ocean")).toEqual([
    'jellyfish',
    'glass',
    'box',
    'berry',
    'ocean',
    'ocean',
  ]);
  expect(keywords('Light in the sea. Lights in the dark sea, and light again.', 2)).toEqual(['light', 'sea']);
  expect(countWords('One – two, 3 …')).toBe(3);
});

test('tags hold the order of the given ones, no doubles, and at most 500 characters', () => {
  expect(tagsFrom(['Deep Sea', 'deep sea', '<b>"x"</b>'], 'Ocean light, ocean')).toEqual([
    'Deep Sea',
    'bx/b',
    'ocean',
    'light',
  ]);
  const many = tagsFrom(
    Array.from({ length: 100 }, (_, index) => `a long tag ${index}`),
    '',
  );
  expect(many.map((tag) => `"${tag}",`).join('').length).toBeLessThanOrEqual(500);
});

test('title and description stay within what YouTube takes', () => {
  expect([...videoTitle(`<b>${'word '.repeat(60)}`)].length).toBeLessThan(100);
  const description = describeVideo('<deep> 深い'.repeat(900), 'article', 'en');
  expect(Buffer.byteLength(description)).toBeLessThanOrEqual(5_000);
  expect(description).not.toMatch(/[<>]/);
});
