import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atPace, joinSentences, PAUSES } from '../../../activities/audio/join-sentences.ts';
import { BESIDE_SPEECH_DB, musicGain, UNDER_SPEECH_DB } from '../../../activities/audio/music-gain.ts';
import { paceFor } from '../../../activities/audio/pace.ts';
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
    { scene: 0, startMs: 1_550, endMs: 2_050 },
    { scene: 1, startMs: 2_700, endMs: 3_700 },
  ]);
  expect(joined.sceneStartsMs).toEqual([0, 2_375]);
  expect(joined.durationMs).toBe(4_600);
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

test('the pace follows the ordered length, within what sounds natural', () => {
  expect(paceFor(60_000, 5_000, 65_500)).toBe(1);
  expect(paceFor(55_000, 5_000, 55_000)).toBeCloseTo(1.1);
  expect(paceFor(55_000, 5_000, 63_000)).toBeCloseTo(0.948, 3);
  expect(paceFor(90_000, 5_000, 60_000)).toBe(1.15);
  expect(paceFor(47_000, 5_000, 60_000)).toBe(0.9);
  expect(paceFor(20_000, 5_000, 60_000), 'out of reach').toBe(1);
});

test('pauses keep their length when the speech changes its pace', () => {
  const spoken = [sound(24_000), sound(24_000)].map((each) => ({ scene: 0, sound: each }));
  const faster = atPace(joinSentences(spoken, 1.1), 1.1);
  const [first, second] = faster.spans;
  expect((second?.startMs ?? 0) - (first?.endMs ?? 0)).toBe(PAUSES.betweenSentences);
  expect(first).toMatchObject({ startMs: 350, endMs: 350 + Math.round(1_000 / 1.1) });
});

test('sentences rise from and fall to nothing, so that no join clicks', () => {
  const { samples } = trimSilence({ rate: 24_000, samples: new Int16Array(4_800).fill(8_000) });
  const joined = joinSentences(
    [samples, samples].map((each) => ({ scene: 0, sound: { rate: 24_000, samples: each } })),
  );
  const all = joined.sound.samples;
  const jumps = all.subarray(1).map((sample, i) => Math.abs(sample - (all[i] ?? 0)));
  expect(Math.max(...jumps)).toBeLessThan(100);
});

test('music is down before somebody speaks, up again after, and faded at both ends', () => {
  const { rate, samples } = musicGain([{ startMs: 3_000, endMs: 5_000 }], 9_000, Number.POSITIVE_INFINITY);
  const decibels = (ms: number) => 20 * Math.log10((samples[(ms * rate) / 1_000] ?? 0) / 32_767);
  const [under, beside] = [UNDER_SPEECH_DB - BESIDE_SPEECH_DB, 0];
  expect([samples[0], samples.at(-1)]).toEqual([0, 0]);
  for (const ms of [2_999, 4_000, 5_000]) expect(decibels(ms)).toBeCloseTo(under, 1);
  for (const ms of [500, 2_700, 5_600, 8_000]) expect(decibels(ms)).toBeCloseTo(beside, 1);
});

test('in a short pause the music stays down, and where a track begins anew it is silent for a moment', () => {
  const speech = [
    { startMs: 0, endMs: 1_000 },
    { startMs: 2_000, endMs: 3_000 },
  ];
  const { samples } = musicGain(speech, 8_000, 5_000);
  expect(samples[1_500]).toBe(samples[900]);
  expect(samples[5_000]).toBe(0);
  expect(samples[4_500]).toBe(32_767);
  expect(samples[5_200]).toBe(32_767);
});
