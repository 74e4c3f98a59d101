import type { TimedSentence, TimedWord } from '../../domain/results.ts';
import { layOut, MAX_LINES, widthOf } from './lines.ts';

/** One caption on the clock of the video. Cues are in order and never overlap; `lines` has one or two entries. */
export interface Cue {
  startMs: number;
  endMs: number;
  lines: string[];
  /** Start of each word, in the order of the lines; each has as many words as it has gaps, plus one. */
  wordStartsMs: number[];
}

const MAX_WORDS = 6;
const MIN_WORDS = 3;
const MIN_MS = 500;
/** A caption stays up over pauses shorter than this, so that it does not flicker. */
const HOLD_MS = 400;

interface Group {
  startMs: number;
  endMs: number;
  words: TimedWord[];
}

/**
 * Captions of three to six words each (fewer only where a sentence or a line is short), never across two sentences.
 * `lineChars` is the longest line, `durationMs` the end of the video; no cue ends later.
 */
export function cuesOf(sentences: readonly TimedSentence[], durationMs: number, lineChars: number): Cue[] {
  const groups = sentences.flatMap((sentence) => {
    const words = sentence.words.flatMap(singleWords).flatMap((word) => cutLongWord(word, lineChars));
    return phrases(words).flatMap((part) => fitLines(part, lineChars));
  });
  return placeOnClock(groups, durationMs).map(({ startMs, endMs, words }) => ({
    startMs,
    endMs,
    lines: layOut(textsOf(words), lineChars),
    wordStartsMs: words.map((word, i) => (i === 0 ? startMs : clamp(word.startMs, startMs, endMs))),
  }));
}

function textsOf(words: readonly TimedWord[]): string[] {
  return words.map(({ text }) => text);
}

function clamp(ms: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(ms, least), most));
}

/** As few groups as hold a sentence, about even; each ends at a comma where one is within two words of its end. */
function phrases(words: readonly TimedWord[]): TimedWord[][] {
  const parts: TimedWord[][] = [];
  let rest = words;
  for (let left = Math.ceil(words.length / MAX_WORDS); left > 1; left -= 1) {
    const even = Math.round(rest.length / left);
    const sizes = [0, 1, -1, 2, -2]
      .map((more) => even + more)
      .filter((size) => fits(size, rest.length - size, left - 1));
    const size = sizes.find((count) => /[,;:–—]["'”’)]*$/u.test(rest[count - 1]?.text ?? '')) ?? even;
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return rest.length > 0 ? [...parts, [...rest]] : parts;
}

/** Whether this many words may be a group, and so many others more groups. */
function fits(size: number, others: number, groups: number): boolean {
  return (
    size >= MIN_WORDS && size <= MAX_WORDS && others >= groups * MIN_WORDS && others <= groups * MAX_WORDS
  );
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
  if (words.length > 1 && layOut(textsOf(words), lineChars).length > MAX_LINES) {
    return evenParts(words, 2).flatMap((half) => fitLines(half, lineChars));
  }
  return [{ startMs: first.startMs, endMs: last.endMs, words: [...words] }];
}

/** What a transcriber calls a word may hold spaces. */
function singleWords(word: TimedWord): TimedWord[] {
  const texts = word.text.split(/\s+/u).filter(Boolean);
  return texts.map((text, i) => ({ text, ...share(word, i, texts.length) }));
}

function share(
  { startMs, endMs }: TimedWord,
  index: number,
  count: number,
): Pick<TimedWord, 'startMs' | 'endMs'> {
  const at = (i: number) => startMs + ((endMs - startMs) * i) / count;
  return { startMs: at(index), endMs: at(index + 1) };
}

/** A word that is longer than a line, as pieces with their share of its time. */
function cutLongWord(word: TimedWord, lineChars: number): TimedWord[] {
  if (widthOf(word.text) <= lineChars) return [word];
  const signs = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word.text)];
  const parts = evenParts(signs, Math.ceil(widthOf(word.text) / lineChars) + 1);
  return parts.map((part, i) => ({
    text: part.map(({ segment }) => segment).join(''),
    ...share(word, i, parts.length),
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
