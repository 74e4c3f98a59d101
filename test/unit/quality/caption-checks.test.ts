import { expect, test } from 'vitest';
import { type CaptionTrack, captionChecks } from '../../../activities/quality/caption-checks.ts';
import type { TimedSentence } from '../../../domain/results.ts';

const cue = (startMs: number, endMs: number, ...lines: string[]) => ({ startMs, endMs, lines });

function sentence(text: string, startMs: number, endMs: number): TimedSentence {
  return {
    text,
    scene: 0,
    startMs,
    endMs,
    words: text.split(' ').map((word) => ({ text: word, startMs, endMs })),
  };
}

const SENTENCES = [sentence('One two three', 0, 1000), sentence('four five', 1200, 2000)];
const CUES = [cue(0, 500, 'One two'), cue(500, 1000, 'three'), cue(1200, 2000, 'four', 'five')];

/** Names and values of the rows that fail. */
function failed(change: Partial<CaptionTrack>): Record<string, unknown> {
  const track = { cues: CUES, sentences: SENTENCES, durationMs: 2500, lineChars: 10, ...change };
  return Object.fromEntries(
    captionChecks(track)
      .filter(({ ok }) => !ok)
      .map(({ name, value }) => [name, value]),
  );
}

test('captions that say each sentence in its time pass', () => {
  expect(failed({})).toEqual({});
});

test('captions that overlap, end before they start or leave the video are counted', () => {
  expect(failed({ cues: [cue(0, 600, 'One two'), ...CUES.slice(1)] })).toEqual({ caption_times: 1 });
  expect(failed({ cues: [...CUES.slice(0, 2), cue(1200, 1200, 'four five')] })).toMatchObject({
    caption_times: 1,
  });
  expect(failed({ durationMs: 1900 })).toEqual({ caption_times: 1 });
});

test('a sentence without its whole caption is counted', () => {
  expect(failed({ cues: CUES.slice(0, 2) })).toEqual({ caption_coverage: 1 });
  expect(failed({ cues: [cue(0, 1000, 'One two'), ...CUES.slice(2)] })).toMatchObject({
    caption_coverage: 2,
  });
});

test('a caption far from its sentence is measured', () => {
  expect(failed({ cues: [...CUES.slice(0, 2), cue(1500, 2000, 'four', 'five')] })).toEqual({
    caption_gap: 0.3,
  });
  expect(failed({ cues: [...CUES.slice(0, 2), cue(1200, 1600, 'four', 'five')] })).toEqual({
    caption_gap: 0.4,
  });
});

test('a caption wider or higher than its place is counted', () => {
  expect(failed({ lineChars: 5 })).toEqual({ caption_width: 1 });
  expect(failed({ cues: [...CUES.slice(0, 2), cue(1200, 2000, 'fo', 'ur', 'five')] })).toEqual({
    caption_width: 1,
  });
});
