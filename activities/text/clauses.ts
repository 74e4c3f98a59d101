const CONJUNCTIONS = new Set(
  'and or but because while whereas although though which who where when so since until unless if yet'.split(
    ' ',
  ),
);
/** A piece shorter than this sounds like a stumble. */
const MIN_WORDS = 4;
const BREATH = 0.9;

/** Beyond this many times the wanted length a sentence is broken even where nobody would breathe. */
const HARD_LIMIT = 1.6;

/**
 * A sentence in pieces of at most `maxWords` words, broken where a speaker would breathe: after a semicolon,
 * colon or dash, or before a conjunction. One without such a place stays whole up to 1.6 times the length, and is
 * then broken at a comma, else anywhere. No word is lost.
 */
export function boundSentence(sentence: string, maxWords: number): string[] {
  return pieces(sentence.split(' ').filter(Boolean), maxWords).map((words) => words.join(' '));
}

function pieces(words: string[], maxWords: number): string[][] {
  if (words.length <= maxWords) return [words];
  const at = bestBreak(words, maxWords);
  if (words.length <= maxWords * HARD_LIMIT && breathAt(words, at) < BREATH) return [words];
  return [words.slice(0, at), ...pieces(words.slice(at), maxWords)];
}

/** Index of the word that starts the second piece. */
function bestBreak(words: string[], maxWords: number): number {
  const last = Math.min(maxWords, words.length - 1);
  const wanted = Math.min(words.length / 2, maxWords * 0.8);
  let best = last;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let at = Math.min(MIN_WORDS, last); at <= last; at += 1) {
    const stump = words.length - at < MIN_WORDS ? 0.5 : 0;
    const score = breathAt(words, at) - Math.abs(at - wanted) / words.length - stump;
    if (score > bestScore) [best, bestScore] = [at, score];
  }
  return best;
}

function breathAt(words: string[], at: number): number {
  const before = words[at - 1] ?? '';
  const after = words[at]?.toLowerCase() ?? '';
  if (/[;:—–]["'”’)]*$/u.test(before) || /^[—–]/u.test(after)) return 1;
  const comma = /,["'”’)]*$/u.test(before);
  if (CONJUNCTIONS.has(after)) return comma ? 0.9 : 0.4;
  return comma ? 0.6 : 0;
}
