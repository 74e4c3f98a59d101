import { expect, test } from 'vitest';
import { draftArticle } from '../../../activities/text/draft-article.ts';

const OPENING =
  'Glaciers are made of snow that fell a long time ago. Year after year it was pressed together.';
const MIDDLE = 'A glacier moves downhill under its own weight. The ice near the rock is the slowest.';
const END = 'Old snow is packed into ice in this way. That is all there is to say about it.';

function firstSentences(middle: string, opening = OPENING): string[] {
  const article = `# How a glacier moves\\n\\n${opening}\\n\\n## Under way\\n\\n${middle}\\n\\n## The end\\n\\n${END}`;
  return draftArticle(article.replaceAll('\\n', '\n'), 60, 'en').drafts.flatMap(({ sentences }) => sentences);
}

test('the most striking sentence is said first, once, and all others stay in their order', () => {
  const hook = 'The fastest glacier covers 46 metres in a single day.';
  const spoken = firstSentences(`${MIDDLE} ${hook}`);
  const plain = firstSentences(MIDDLE);
  expect(spoken[0]).toBe(hook);
  expect(spoken.filter((sentence) => sentence === hook)).toHaveLength(1);
  expect(spoken.slice(1)).toEqual(plain);
});

test.each([
  [
    'is followed by one that leans on it',
    'A glacier covers 46 metres a day, not a year. It breaks at its end.',
  ],
  ['leans on what was said before', `${MIDDLE} These glaciers covered 46 metres a day, not a year.`],
  ['is about something else', `${MIDDLE} A loaf of bread costs 46 euros, not 45.`],
  ['would have to be cut', `${MIDDLE} A glacier ${'of ice and rock and snow '.repeat(5)} covers 46 metres.`],
])('a striking sentence that %s stays where it is', (_, middle) => {
  expect(firstSentences(middle)[0]).toBe('Glaciers are made of snow that fell a long time ago.');
});

test('an article that begins with the most striking sentence keeps its beginning', () => {
  const opening = 'Why does a glacier of solid ice flow 46 metres a day? Nobody knew for a long time.';
  expect(firstSentences(`${MIDDLE} A glacier covers 46 metres a day.`, opening)[0]).toBe(
    'Why does a glacier of solid ice flow 46 metres a day?',
  );
});

const GERMAN = `# Wie ein Gletscher fließt

Gletscher bestehen aus altem Schnee. Jahr für Jahr wurde er gepresst.

Ein Gletscher fließt durch sein Gewicht. Das Eis am Felsen ist am langsamsten. Wie schnell fließt dann solch ein Gletscher?

Am Ende wird Schnee zu Eis. Mehr ist dazu nicht zu sagen.`;

test('in another language, whose leaning words are not known here, no sentence is moved', () => {
  const spoken = (language: string) =>
    draftArticle(GERMAN, 60, language).drafts.flatMap(({ sentences }) => sentences);
  const places = spoken('de').map((sentence) => GERMAN.indexOf(sentence));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(spoken('de')[0]).toBe('Gletscher bestehen aus altem Schnee.');
  expect(spoken('en-GB')[0]).toBe('Wie schnell fließt dann solch ein Gletscher?');
});
