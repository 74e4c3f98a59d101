/** A full stop after one of these ends no sentence. */
const TITLES = new Set(
  'dr mr mrs ms prof st mt ft lt col gen capt sgt rev hon sen gov pres fig figs no nos vol pp ed eds approx ca cf vs al eg ie viz inc ltd co corp dept est jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
);
/** Words that stand at the start of a sentence far more often than after "U.S." or "p.m.". */
const STARTERS = new Set(
  'the a an it this that these those they he she we you i in on at but and so for from as if when while there here its their his her our what why how who not no'.split(
    ' ',
  ),
);
const END = /((?<![.!?…])[.!?…]+["'”’»)\]]*)(\s+)|([。！？]+[」』）]*)/gu;

/** What decides about a full stop is near it; looking further would take quadratic time on hostile text. */
const CONTEXT_CHARS = 80;

/**
 * Longest "word" that is spoken: beyond it is a URL, a hash or noise, which a voice would spell for minutes.
 */
export const MAX_WORD_CHARS = 60;

/**
 * The sentences of a text, in order; every word is in exactly one. Full stops of abbreviations, initials,
 * decimals, ordinals and URLs end none. A line break is a space.
 */
export function splitSentences(text: string): string[] {
  const line = text.replace(/\s+/g, ' ').trim();
  const sentences: string[] = [];
  let start = 0;
  for (const match of line.matchAll(END)) {
    const end = match.index + (match[1] ?? match[3] ?? '').length;
    const before = line.slice(Math.max(start, end - CONTEXT_CHARS), end);
    if (match[1] !== undefined && !endsSentence(before, line.slice(end, end + CONTEXT_CHARS))) continue;
    sentences.push(line.slice(start, end).trim());
    start = end;
  }
  sentences.push(line.slice(start).trim());
  return joinFragments(sentences.filter((sentence) => sentence !== ''));
}

/** Cuts words longer than {@link MAX_WORD_CHARS}; everything else stays. */
export function boundWords(sentence: string): string {
  return sentence
    .split(' ')
    .map((word) => (word.length > MAX_WORD_CHARS ? [...word].slice(0, MAX_WORD_CHARS).join('') : word))
    .join(' ');
}

function endsSentence(before: string, textAfter: string): boolean {
  const after = textAfter.trimStart();
  if (/^["'“‘«([]*\p{Ll}/u.test(after)) return false;
  const closing = /(?<![.!?…])[.!?…]+["'”’»)\]]*$/u.exec(before)?.[0] ?? '';
  if (!/^\.["'”’»)\]]*$/u.test(closing)) return true;
  const body = before.slice(0, before.length - closing.length).trimStart();
  const word = /(\S+)$/u.exec(body)?.[1]?.replace(/^["'“‘«([]+/u, '') ?? '';
  if (/^\d{1,3}$/.test(body) || /^\p{Lu}$/u.test(word)) return false;
  const next = /^["'“‘«([]*([\p{L}]+)/u.exec(after)?.[1]?.toLowerCase() ?? '';
  if (/^(\p{L}\.)+\p{L}$/u.test(word)) return STARTERS.has(next);
  return !TITLES.has(word.toLowerCase());
}

/** A piece without a letter or digit ("…", "***") has no sound of its own: it stays with its neighbour. */
function joinFragments(sentences: string[]): string[] {
  const joined: string[] = [];
  for (const sentence of sentences) {
    const last = joined.at(-1);
    const spoken = /[\p{L}\p{N}]/u;
    if (last !== undefined && (!spoken.test(sentence) || !spoken.test(last))) {
      joined[joined.length - 1] = `${last} ${sentence}`;
    } else joined.push(sentence);
  }
  return joined;
}
