import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cuesOf } from '../../../activities/captions/cues.ts';
import { widthOf } from '../../../activities/captions/lines.ts';
import type { TimedSentence } from '../../../domain/results.ts';

/** Sentences whose words last the given milliseconds, with a pause between sentences. */
function spoken(sentences: { text: string; ms: number }[][], pauseMs = 150): TimedSentence[] {
  let clock = 100;
  return sentences.map((words) => {
    const timed = words.map(({ text, ms }) => {
      const startMs = clock;
      clock += ms;
      return { text, startMs, endMs: clock };
    });
    clock += pauseMs;
    const text = words.map((word) => word.text).join(' ');
    return {
      text,
      scene: 0,
      startMs: timed[0]?.startMs ?? clock,
      endMs: timed.at(-1)?.endMs ?? clock,
      words: timed,
    };
  });
}

const plainWords = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ text: `word${i}`, ms: 300 }));

const word = fc.record({
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== ''),
  ms: fc.integer({ min: 10, max: 900 }),
});
const narration = fc.array(fc.array(word, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 6 });

describe('captions from timed words', () => {
  test('a sentence becomes groups of three to six words, as even as they can be', () => {
    const sizes = (count: number) =>
      cuesOf(spoken([plainWords(count)]), 60_000, 42).map((cue) => cue.lines.join(' ').split(' ').length);
    expect(sizes(6)).toEqual([6]);
    expect(sizes(12)).toEqual([6, 6]);
    expect(sizes(13)).toEqual([4, 5, 4]);
    expect(sizes(7)).toEqual([4, 3]);
    expect(sizes(20)).toEqual([5, 5, 5, 5]);
  });

  test('a group rather ends at a comma than up to two words before or after it', () => {
    const words = (text: string) => text.split(' ').map((each) => ({ text: each, ms: 300 }));
    const groups = (text: string) =>
      cuesOf(spoken([words(text)]), 10_000, 42).map((cue) => cue.lines.join(' '));
    expect(groups('In the dark, animals make light of their own')).toEqual([
      'In the dark,',
      'animals make light of their own',
    ]);
    expect(groups('Deep down in the dark water, animals make light')).toEqual([
      'Deep down in the dark water,',
      'animals make light',
    ]);
  });

  test('each word of a caption has its own start, in order and inside the caption', () => {
    const [first] = cuesOf(spoken([plainWords(5)]), 10_000, 42);
    expect(first?.wordStartsMs).toEqual([100, 400, 700, 1000, 1300]);
  });

  test('a caption never holds words of two sentences', () => {
    const cues = cuesOf(spoken([plainWords(2), plainWords(2)]), 10_000, 42);
    expect(cues.map((cue) => cue.lines)).toEqual([['word0 word1'], ['word0 word1']]);
  });

  test('a caption starts with its first word and stays until the next one when the pause is short', () => {
    const [first, second] = cuesOf(spoken([plainWords(4), plainWords(4)]), 10_000, 42);
    expect(first).toMatchObject({ startMs: 100, endMs: 1450 });
    expect(second).toMatchObject({ startMs: 1450, endMs: 2850 });
  });

  test('long words take two lines, and a word longer than a line is cut', () => {
    const [cue] = cuesOf(
      spoken([
        [
          { text: 'x'.repeat(30), ms: 500 },
          { text: 'y'.repeat(30), ms: 500 },
        ],
      ]),
      9_000,
      42,
    );
    expect(cue?.lines).toEqual(['x'.repeat(30), 'y'.repeat(30)]);
    const cut = cuesOf(spoken([[{ text: 'z'.repeat(200), ms: 4000 }]]), 9_000, 42);
    expect(cut.flatMap((each) => each.lines).join('')).toBe('z'.repeat(200));
  });

  test('whatever is spoken: in order, no overlap, inside the video, lines that fit, and every word kept', () => {
    fc.assert(
      fc.property(narration, fc.constantFrom(26, 32, 42), (sentences, lineChars) => {
        const timed = spoken(sentences);
        const durationMs = (timed.at(-1)?.endMs ?? 0) + 200;
        const cues = cuesOf(timed, durationMs, lineChars);
        let last = 0;
        for (const cue of cues) {
          expect(cue.startMs).toBeGreaterThanOrEqual(last);
          expect(cue.endMs).toBeGreaterThan(cue.startMs);
          last = cue.endMs;
          expect(cue.lines.length).toBeLessThanOrEqual(2);
          for (const line of cue.lines) expect(widthOf(line)).toBeLessThanOrEqual(lineChars);
          expect(cue.wordStartsMs).toHaveLength(cue.lines.join(' ').split(' ').length);
          expect(cue.wordStartsMs).toEqual(cue.wordStartsMs.toSorted((a, b) => a - b));
          expect(cue.wordStartsMs[0]).toBe(cue.startMs);
          expect(cue.wordStartsMs.at(-1)).toBeLessThanOrEqual(cue.endMs);
        }
        expect(last).toBeLessThanOrEqual(durationMs);
        const least = Math.min(500, Math.floor(durationMs / cues.length));
        for (const cue of cues) expect(cue.endMs - cue.startMs).toBeGreaterThanOrEqual(least);
        const letters = (text: string) => text.replace(/\s+/gu, '');
        const shown = cues.flatMap((cue) => cue.lines).join('');
        expect(letters(shown)).toBe(letters(timed.map((sentence) => sentence.text).join('')));
      }),
      { numRuns: 300 },
    );
  });
});
