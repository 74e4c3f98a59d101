import type { TimedSentence, TimedWord } from '../../domain/results.ts';
import { layOut, MAX_LINES, widthOf } from './lines.ts';

/** One caption on the clock of the video. Cues are in order and never overlap; `lines` has one or two entries. */
export interface Cue {
  startMs: number;
  endMs: number;
  lines: string[];
}

const MAX_WORDS = 6;
const MIN_MS = 500;
/** A caption stays up over pauses shorter than this, so that it does not flicker. */
const HOLD_MS = 400;

interface Group {
  startMs: number;
  endMs: number;
  words: string[];
}

/**
 * Captions of four to six words each (fewer only where a sentence or a line is short), never across two sentences.
 * `lineChars` is the longest line, `durationMs` the end of the video; no cue ends later.
 */
export function cuesOf(sentences: readonly TimedSentence[], durationMs: number, lineChars: number): Cue[] {
  const groups = sentences.flatMap((sentence) => {
    const words = sentence.words.flatMap((word) => cutLongWord(word, lineChars));
    return evenParts(words, Math.ceil(words.length / MAX_WORDS)).flatMap((part) => fitLines(part, lineChars));
  });
  return placeOnClock(groups, durationMs).map(({ startMs, endMs, words }) => ({
    startMs,
    endMs,
    lines: layOut(words, lineChars),
  }));
}

function evenParts<T>(items: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.round((i * items.length) / count), Math.round(((i + 1) * items.length) / count)),
  ).filter((part) => part.length > 0);
}

/** Halves a group until its words fit on the lines of one caption. */
function fitLines(words: readonly TimedWord[], lineChars: number): Group[] {
  const first = words[0];
  const last = words.at(-1);
  if (!first || !last) return [];
  const texts = words.map((word) => word.text);
  if (words.length > 1 && layOut(texts, lineChars).length > MAX_LINES) {
    return evenParts(words, 2).flatMap((half) => fitLines(half, lineChars));
  }
  return [{ startMs: first.startMs, endMs: last.endMs, words: texts }];
}

/** A word that is longer than a line, as pieces with their share of its time. */
function cutLongWord(word: TimedWord, lineChars: number): TimedWord[] {
  const text = word.text.replace(/\s+/gu, ' ').trim();
  if (text === '') return [];
  if (widthOf(text) <= lineChars) return [{ ...word, text }];
  const signs = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)];
  const parts = evenParts(signs, Math.ceil(widthOf(text) / lineChars) + 1);
  const at = (i: number) => word.startMs + ((word.endMs - word.startMs) * i) / parts.length;
  return parts.map((part, i) => ({
    text: part.map(({ segment }) => segment).join(''),
    startMs: at(i),
    endMs: at(i + 1),
  }));
}

/** Every group gets at least half a second, or an equal share of a video that is too short for that. */
function placeOnClock(groups: readonly Group[], durationMs: number): Group[] {
  const least = Math.min(MIN_MS, Math.floor(durationMs / Math.max(1, groups.length)));
  const placed: Group[] = [];
  for (const [i, group] of groups.entries()) {
    const startMs = Math.max(Math.round(group.startMs), placed.at(-1)?.endMs ?? 0);
    const next = Math.round(groups[i + 1]?.startMs ?? durationMs);
    const spoken = Math.round(group.endMs);
    const held = next - spoken <= HOLD_MS ? next : spoken + HOLD_MS / 2;
    placed.push({ ...group, startMs, endMs: Math.max(startMs + least, Math.min(held, next)) });
  }
  return pushBack(placed, Math.floor(durationMs), least);
}

/** Moves what runs past the end towards the start; there is room, since `least` is a share of the duration. */
function pushBack(groups: Group[], durationMs: number, least: number): Group[] {
  let limit = durationMs;
  for (const group of groups.toReversed()) {
    group.endMs = Math.min(group.endMs, limit);
    group.startMs = Math.max(0, Math.min(group.startMs, group.endMs - least));
    limit = group.startMs;
  }
  return groups;
}
