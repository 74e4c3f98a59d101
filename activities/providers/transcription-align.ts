import type { TimedSentence, TimedWord } from '../../domain/results.ts';

/** A word as a transcription spells it, on the clock of the narration. */
export interface HeardWord {
  text: string;
  startMs: number;
  endMs: number;
}

/** Less than this share of a sentence's words found again: its times are not believed. */
const MIN_FOUND = 0.6;
/** Times of a transcription are off by about this much at a sentence's borders. */
const SLACK_MS = 250;

/**
 * The known words of a sentence at the times at which they were heard; the transcription's spelling is only used
 * to find them. Words that were not found share the time between those that were. Null when too few were.
 */
export function alignWords(sentence: TimedSentence, heard: readonly HeardWord[]): TimedWord[] | null {
  const { words, startMs, endMs } = sentence;
  if (words.length < 2) return words;
  const near = heard.filter((word) => word.startMs >= startMs - SLACK_MS && word.startMs < endMs);
  const keys = words.map(wordKey);
  const pairs = commonWords(keys, near.map(wordKey));
  if (pairs.length < keys.filter(Boolean).length * MIN_FOUND) return null;
  const anchors = [{ at: 0, ms: startMs }];
  for (const [at, index] of pairs) {
    const ms = near[index]?.startMs ?? startMs;
    const last = anchors.at(-1);
    if (last && at > last.at && ms > last.ms && ms < endMs) anchors.push({ at, ms });
  }
  anchors.push({ at: words.length, ms: endMs });
  return retime(words, anchors);
}

interface Anchor {
  /** Index of the word that starts at `ms`. */
  at: number;
  ms: number;
}

/** Between two anchors, words keep their shares of the time. */
function retime(words: readonly TimedWord[], anchors: readonly Anchor[]): TimedWord[] {
  const sharedStart = (at: number) => words[at]?.startMs ?? words.at(-1)?.endMs ?? 0;
  const startOf = (at: number) => {
    const next = anchors.findIndex((anchor) => anchor.at > at);
    const [from, to] = [anchors[next - 1], anchors[next]];
    if (!from || !to) return sharedStart(at);
    const span = sharedStart(to.at) - sharedStart(from.at);
    const share = span > 0 ? (sharedStart(at) - sharedStart(from.at)) / span : 0;
    return Math.round(from.ms + (to.ms - from.ms) * share);
  };
  const end = anchors.at(-1)?.ms ?? 0;
  return words.map(({ text }, at) => ({
    text,
    startMs: startOf(at),
    endMs: at + 1 < words.length ? startOf(at + 1) : end,
  }));
}

/** Longest common subsequence, as pairs of indices. */
function commonWords(known: readonly string[], heard: readonly string[]): [number, number][] {
  const lengths = Array.from({ length: known.length + 1 }, () => new Uint16Array(heard.length + 1));
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  const same = (i: number, j: number) => known[i] !== '' && known[i] === heard[j];
  for (let i = known.length - 1; i >= 0; i -= 1) {
    const row = lengths[i];
    for (let j = heard.length - 1; row && j >= 0; j -= 1) {
      row[j] = same(i, j) ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < known.length && j < heard.length) {
    if (same(i, j)) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (length(i + 1, j) >= length(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

/** Letters and digits alone: "3,700" is heard as "3700", "don't" as "dont". */
function wordKey({ text }: { text: string }): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
