import { expect, test } from 'vitest';
import { languageFault, writesSpaces } from '../../../activities/providers/llm-openai-language.ts';

const TEXTS: Record<string, string> = {
  en: 'The sea is dark, and most of the light that you see there comes from the animals. It is not a reflection of the sun.',
  de: 'Das Meer ist dunkel, und das meiste Licht, das man dort sieht, kommt von den Tieren. Es ist nicht der Schein der Sonne.',
  fr: 'La mer est sombre, et la lumière que l’on voit vient des animaux qui vivent dans les profondeurs. Ce n’est pas une image du soleil.',
  es: 'El mar es oscuro, y la luz que se ve viene de los animales que viven en las profundidades. No es como el reflejo del sol, pero hay más.',
  it: 'Il mare è scuro, e la luce che si vede è degli animali che vivono nel profondo. Non è come una luce del sole, e di più non si sa.',
  pt: 'O mar é escuro, e a luz que se vê vem dos animais que vivem no fundo. Não é como o reflexo do sol, e são mais do que uma só.',
  nl: 'De zee is donker, en het licht dat men er ziet komt van de dieren. Het is niet een schijnsel van de zon, maar ook niet van het water.',
};
const CODES = Object.keys(TEXTS);

test.each(CODES)('a text in %s is taken as that, and as none of the others', (code) => {
  const text = TEXTS[code] ?? '';
  expect(languageFault(text, code)).toBeNull();
  const taken = CODES.filter((other) => languageFault(text, other) === null);
  expect(taken).toEqual([code]);
});

test.each([
  ['ru', 'Море темно, и свет там исходит от животных.'],
  ['ar', 'البحر مظلم والضوء يأتي من الحيوانات.'],
  ['ja', '海は暗く、光は生き物から来る。'],
  ['zh-Hant', '海是黑暗的，光來自動物。'],
  ['ko', '바다는 어둡고 빛은 동물에서 나온다.'],
  ['el', 'Η θάλασσα είναι σκοτεινή.'],
])('%s is known by its letters', (language, text) => {
  expect(languageFault(text, language)).toBeNull();
  expect(languageFault(TEXTS['en'] ?? '', language)).toContain(`"${language}"`);
  expect(languageFault(text, 'en')).toContain('another alphabet');
});

test('names and terms of another language do not make a text foreign', () => {
  const text = `${TEXTS['en']} The German word is Meeresleuchten, and the French call it la mer de lait.`;
  expect(languageFault(text, 'en-GB')).toBeNull();
});

test('a language that is not known is not judged', () => {
  expect(languageFault(TEXTS['en'] ?? '', 'sw')).toBeNull();
});

test('words are counted only where spaces part them', () => {
  expect(['en', 'ar', 'ko', 'zh-TW', 'ja', 'th'].map(writesSpaces)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
