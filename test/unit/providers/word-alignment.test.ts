import { expect, test } from 'vitest';
import { timeWords } from '../../../activities/audio/word-times.ts';
import { alignWords, type HeardWord } from '../../../activities/providers/transcription-align.ts';

function sentence(text: string, startMs = 1_000, endMs = 3_000) {
  return { text, scene: 0, startMs, endMs, words: timeWords(text, startMs, endMs) };
}

const heard = (...words: [string, number][]): HeardWord[] =>
  words.map(([text, startMs]) => ({ text, startMs, endMs: startMs + 100 }));

test('words take the times at which they were heard, and keep the spelling of the script', () => {
  const spoken = heard(['the', 1_020], ['deep', 1_200], ['sea', 1_900], ['glows', 2_400]);
  expect(alignWords(sentence('The deep sea glows.'), spoken)).toEqual([
    { text: 'The', startMs: 1_000, endMs: 1_200 },
    { text: 'deep', startMs: 1_200, endMs: 1_900 },
    { text: 'sea', startMs: 1_900, endMs: 2_400 },
    { text: 'glows.', startMs: 2_400, endMs: 3_000 },
  ]);
});

test('a word that was heard as another shares the time between its neighbours', () => {
  const spoken = heard(['the', 1_020], ['beep', 1_300], ['sea', 1_900], ['glows', 2_400]);
  const words = alignWords(sentence('The deep sea glows.'), spoken);
  expect(words?.[1]?.startMs).toBeGreaterThan(1_000);
  expect(words?.[1]?.startMs).toBeLessThan(1_900);
  expect(words?.[2]).toEqual({ text: 'sea', startMs: 1_900, endMs: 2_400 });
});

test('signs are no words: "3,700" is heard as 3700 and a dash is not waited for', () => {
  const spoken = heard(['it', 1_010], ['is', 1_200], ['3700', 1_500], ['metres', 2_300]);
  expect(alignWords(sentence('It is – 3,700 metres.'), spoken)?.map(({ startMs }) => startMs)).toEqual([
    1_000,
    1_200,
    expect.any(Number),
    1_500,
    2_300,
  ]);
});

test('times that run backwards or out of the sentence are not believed', () => {
  const spoken = heard(['the', 1_020], ['deep', 1_500], ['sea', 1_400], ['glows', 2_900]);
  const words = alignWords(sentence('The deep sea glows.'), spoken) ?? [];
  const starts = words.map(({ startMs }) => startMs);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(words.at(-1)?.endMs).toBe(3_000);
});

test('a sentence of which too little was heard has no times', () => {
  expect(alignWords(sentence('The deep sea glows.'), heard(['the', 1_020], ['creepy', 1_300]))).toBeNull();
  expect(alignWords(sentence('The deep sea glows.'), [])).toBeNull();
});

test('the same words of another sentence are not taken', () => {
  const far = heard(['the', 8_000], ['deep', 8_200], ['sea', 8_400], ['glows', 8_700]);
  expect(alignWords(sentence('The deep sea glows.'), far)).toBeNull();
});
