import { judgeCheck } from '../../domain/quality.ts';
import type { QualityCheck, TimedSentence } from '../../domain/results.ts';
import type { Cue } from '../captions/cues.ts';
import { MAX_LINES, widthOf } from '../captions/lines.ts';

/** A caption as viewers get it, whatever lights up in it. */
type Shown = Pick<Cue, 'startMs' | 'endMs' | 'lines'>;

/** Captions and what they have to cover, on the clock of the video. */
export interface CaptionTrack {
  cues: readonly Shown[];
  sentences: readonly TimedSentence[];
  durationMs: number;
  /** Longest line that fits into the picture. */
  lineChars: number;
}

/** Captions are in order, apart, inside the video, say every sentence near its time, and fit into their place. */
export function captionChecks(track: CaptionTrack): QualityCheck[] {
  const { cues, lineChars } = track;
  const tooWide = cues.filter(
    (cue) => cue.lines.length > MAX_LINES || cue.lines.some((line) => widthOf(line) > lineChars),
  );
  const { uncovered, longestGapMs } = compare(track);
  return [
    judgeCheck('caption_times', countWrongTimes(track)),
    judgeCheck('caption_coverage', uncovered),
    judgeCheck('caption_gap', longestGapMs / 1000),
    judgeCheck('caption_width', tooWide.length),
  ];
}

function countWrongTimes({ cues, durationMs }: CaptionTrack): number {
  return cues.filter((cue, i) => {
    const earliest = cues[i - 1]?.endMs ?? 0;
    return cue.startMs < earliest || cue.endMs <= cue.startMs || cue.endMs > durationMs;
  }).length;
}

/** Walks along sentences and cues together, letter by letter: a cue belongs to the sentence whose letters it shows. */
function compare({ cues, sentences }: CaptionTrack): { uncovered: number; longestGapMs: number } {
  let next = 0;
  let uncovered = 0;
  let longestGapMs = 0;
  for (const sentence of sentences) {
    const wanted = letters(sentence.words.map(({ text }) => text));
    const first = next;
    let shown = '';
    while (next < cues.length && shown.length < wanted.length) {
      shown += letters(cues[next]?.lines ?? []);
      next += 1;
    }
    if (shown !== wanted) uncovered += 1;
    const mine = cues.slice(first, next);
    longestGapMs = Math.max(longestGapMs, gapOf(sentence, mine));
  }
  return { uncovered, longestGapMs };
}

function gapOf(sentence: TimedSentence, cues: readonly Shown[]): number {
  const first = cues[0];
  const last = cues.at(-1);
  if (!first || !last) return 0;
  return Math.max(Math.abs(first.startMs - sentence.startMs), sentence.endMs - last.endMs);
}

function letters(texts: readonly string[]): string {
  return texts.join('').replace(/\s+/gu, '');
}
