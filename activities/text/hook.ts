import { findFigure } from './figures.ts';
import type { Candidate } from './rank.ts';
import { contentWords, keywords } from './words.ts';

const MIN_WORDS = 5;
const MAX_WORDS = 20;
/** A sentence below this is nothing special, and one must be so much more striking than the article's own first one. */
const STRIKING = 0.45;
const LEAD = 0.4;
const SUBJECT_WORDS = 4;

/** Words that need a sentence before them to be understood: at the start, anywhere, and "that" where it is no "which". */
const LEANS = [
  /^(?:[^\s]+ ){0,5}["“‘]?(?:it|its|he|she|they|him|her|his|them|their|theirs)(?![\p{L}])/iu,
  /(?<![\p{L}])(?:this|these|those|such|former|latter|here|too|again|however|therefore|thus|hence|another|others?|both|neither|either|same|instead)(?![\p{L}])/iu,
  /(?:^|(?<![\p{L}])(?:of|for|on|with|in|by|at|from|to|about|than|like|all|after|before) )that(?![\p{L}])|(?<![\p{L}])that(?:[.,;!?]| (?:is|was|were|would|will|had|has|can|could|means?))/iu,
];
const CONTRAST =
  /(?<![\p{L}])(?:but|not|never|nobody|nothing|no one|without|yet|even|although|more than|less than|only)(?![\p{L}])/iu;
const EXTREME =
  /(?<![\p{L}])(?:most|first|largest|smallest|deepest|highest|oldest|fastest|longest|half|every|all|always|whole|million|billion|thousands?)(?![\p{L}])/iu;

/**
 * The passages of a narration with its most striking sentence said first: a question, a figure, a contrast, in the
 * article's own words. It is taken from a passage that still reads whole without it, or from what is not spoken; it
 * shares a word with the title, else with the text's most used ones, and leans on nothing that was said before.
 * Unchanged when no such sentence beats the one that is first.
 */
export function openWithHook(
  all: readonly Candidate[],
  passages: readonly Candidate[][],
  title: string | null,
): Candidate[][] {
  const first = passages[0]?.[0];
  if (!first || first.pointsBack) return [...passages];
  const named = contentWords(title ?? '');
  const text = all.map((each) => each.text).join(' ');
  const subject = new Set(named.length > 0 ? named : keywords(text, SUBJECT_WORDS));
  const kept = new Set(passages.flatMap(fixed));
  kept.add(passages.at(-1)?.at(-1) as Candidate);
  const usable = all.filter((each) => each !== first && !kept.has(each) && standsAlone(each, subject));
  const best = usable.sort((a, b) => strikeOf(b) - strikeOf(a))[0];
  const needed = Math.max(STRIKING, strikeOf(first) + LEAD);
  if (!best || strikeOf(best) < needed) return [...passages];
  return passages.map((passage, index) => {
    const rest = passage.filter((each) => each !== best);
    return index === 0 ? [best, ...rest] : rest;
  });
}

/** Sentences that cannot be taken out of their passage: the only one, and one that the next leans on. */
function fixed(passage: readonly Candidate[]): Candidate[] {
  return passage.filter((_, i) => {
    const next = passage[i + 1];
    return passage.length < 2 || (next !== undefined && (next.pointsBack || leans(next.text)));
  });
}

function standsAlone({ text, words, pointsBack }: Candidate, subject: ReadonlySet<string>): boolean {
  if (pointsBack || leans(text) || words < MIN_WORDS || words > MAX_WORDS) return false;
  if (!/[.!?…]["'”’]?$/u.test(text) || /[():;]/u.test(text)) return false;
  return contentWords(text).some((word) => subject.has(word));
}

function leans(text: string): boolean {
  return LEANS.some((pattern) => pattern.test(text));
}

function strikeOf({ text, words }: Candidate): number {
  const question = /\?["'”’]?$/u.test(text) ? 0.9 : 0;
  const figure = findFigure(text) ? 0.8 : 0;
  const contrast = CONTRAST.test(text) ? 0.6 : 0;
  const extreme = EXTREME.test(text) ? 0.4 : 0;
  return question + figure + contrast + extreme - words / 50;
}
