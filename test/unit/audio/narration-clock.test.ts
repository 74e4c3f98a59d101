import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinSentences, PAUSES } from '../../../activities/audio/join-sentences.ts';
import { trimSilence } from '../../../activities/audio/trim.ts';
import { timeWords } from '../../../activities/audio/word-times.ts';

const sound = (length: number, rate = 24_000) => ({ rate, samples: new Int16Array(length).fill(1_000) });

test('words fill their sentence without a gap, each by its share of the letters', () => {
  expect(timeWords('I see light – now', 1_000, 2_300)).toEqual([
    { text: 'I', startMs: 1_000, endMs: 1_100 },
    { text: 'see', startMs: 1_100, endMs: 1_400 },
    { text: 'light', startMs: 1_400, endMs: 1_900 },
    { text: '–', startMs: 1_900, endMs: 2_000 },
    { text: 'now', startMs: 2_000, endMs: 2_300 },
  ]);
});

test('pauses are between sentences and scenes, before the first and after the last', () => {
  const joined = joinSentences([
    { scene: 0, sound: sound(24_000) },
    { scene: 0, sound: sound(12_000) },
    { scene: 1, sound: sound(24_000) },
  ]);
  expect(joined.spans).toEqual([
    { scene: 0, startMs: 350, endMs: 1_350 },
    { scene: 0, startMs: 1_630, endMs: 2_130 },
    { scene: 1, startMs: 2_780, endMs: 3_780 },
  ]);
  expect(joined.sceneStartsMs).toEqual([0, 2_455]);
  expect(joined.durationMs).toBe(4_680);
  expect(joined.sound.samples.filter((sample) => sample !== 0)).toHaveLength(60_000);
});

test('after 300 sentences the clock is still exact to half a millisecond', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1_000, max: 9_999 }), { minLength: 300, maxLength: 300 }),
      (lengths) => {
        const joined = joinSentences(lengths.map((length) => ({ scene: 0, sound: sound(length, 22_050) })));
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const pauses = 299 * Math.round(22.05 * PAUSES.betweenSentences) + Math.round(22.05 * PAUSES.leadIn);
        expect(
          Math.abs((joined.spans.at(-1)?.endMs ?? 0) - ((total + pauses) * 1_000) / 22_050),
        ).toBeLessThanOrEqual(0.5);
      },
    ),
    { numRuns: 5 },
  );
});

test('sentences of different sample rates are a bug', () => {
  const mixed = [
    { scene: 0, sound: sound(10, 16_000) },
    { scene: 0, sound: sound(10, 24_000) },
  ];
  expect(() => joinSentences(mixed)).toThrow(/different sample rates: 16000 and 24000/);
});

test('silence around a sentence goes but for a margin, and silence alone leaves nothing', () => {
  const samples = new Int16Array(24_000);
  samples.fill(2_000, 10_000, 12_000);
  expect(trimSilence({ rate: 24_000, samples }).samples).toHaveLength(2_000 + 2 * 720);
  expect(trimSilence({ rate: 24_000, samples: new Int16Array(500).fill(20) }).samples).toHaveLength(0);
});

test("shared-out word times are within 0.12 s of a voice's own word events on average", () => {
  const recorded = JSON.parse(readFileSync('test/fixtures/word-times.json', 'utf8')) as {
    sentences: { text: string; startMs: number; endMs: number; words: [at: number, startMs: number][] }[];
  };
  const errors = recorded.sentences.flatMap(({ text, startMs, endMs, words }) => {
    let at = 0;
    return timeWords(text, startMs, endMs).flatMap((word) => {
      at = text.indexOf(word.text, at);
      const own = words.find(([place]) => place === at);
      at += word.text.length;
      return own ? [Math.abs(own[1] - word.startMs)] : [];
    });
  });
  expect(errors.length).toBeGreaterThan(140);
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(120);
  expect(Math.max(...errors)).toBeLessThan(400);
});
