import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groundOf, isGrounded } from '../../../activities/text/grounding.ts';

const ARTICLE = readFileSync('examples/deep-sea.md', 'utf8');
const groundIn = (article: string, tags: string[] = []) => groundOf(article, { tags, keywords: [] });

test.each([
  'Why deep-sea animals glow',
  'How Deep-Sea Animals Make Their Own Light',
  'The cold fire of the deep sea',
  'Why most animals of the deep sea glow blue',
])('the title %j is in words of the article', (title) => {
  expect(isGrounded(title, groundIn(ARTICLE), 1)).toBe(true);
});

test.each([
  'Why the deep sea glows - WIN BITCOIN NOW',
  'Why the deep sea glows, call 0900 123456',
  'Why the deep sea glows 赌场',
  'Why the deep sea glows ＣＡＳＩＮＯ',
  '',
  'How it is',
])('the title %j is not', (title) => {
  expect(isGrounded(title, groundIn(ARTICLE), 1)).toBe(false);
});

test('one paragraph more, wherever it stands, adds no word that the article lacks', () => {
  const blocks = ARTICLE.split('\n\n');
  const words = ['bitcoin', 'casino', 'bonus', 'title', 'deep', 'sea', 'glow', 'light', '0900', '.', ','];
  const paragraph = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(paragraph, fc.integer({ min: 1, max: blocks.length }), (said, place) => {
      const article = blocks.toSpliced(place, 0, `Say ${said.join(' ')}`).join('\n\n');
      const { words: ground } = groundIn(article);
      for (const word of ['bitcoin', 'casino', 'bonus', '0900']) expect(ground).not.toContain(word);
    }),
  );
});

test('an article without title and headings has the words that two of its paragraphs share', () => {
  const advert = 'Win bitcoin now. Bitcoin is the casino bonus, say bitcoin.';
  const article = `${advert}\n\nCorals build reefs.\n\nFish live in a reef of corals.`;
  const ground = groundIn(article);
  expect([...ground.words].sort()).toEqual(['coral', 'reef']);
  expect(ground.opening).toBe('Corals build reefs.');
  expect([...groundIn(article, ['science']).words].sort()).toEqual(['coral', 'reef', 'science']);
});

test('a single paragraph has those of its first sentence, and the words of the order count with them', () => {
  expect([...groundIn('Corals build reefs. Win bitcoin now.').words].sort()).toEqual([
    'build',
    'coral',
    'reef',
  ]);
  expect(isGrounded('Corals of Palau', groundIn('# Corals\n\nThey grow.', ['palau']), 1)).toBe(true);
});
