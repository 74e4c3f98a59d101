import { contentWords, countWords } from './words.ts';

/** A sentence that may be spoken, with what decides whether it is. */
export interface Candidate {
  text: string;
  words: number;
  /** How much the sentence tells about the text's subject, 0 or more. */
  score: number;
  /** It begins by pointing back ("This", "But", "They"), so it makes sense only after the sentence before it. */
  pointsBack: boolean;
  /** First and last sentence of a paragraph: where a passage may begin and end without a jolt. */
  opens: boolean;
  closes: boolean;
}

const POINTS_BACK =
  /^["'“‘]?(?:this|that|these|those|it|its|they|their|them|he|she|his|her|such|but|and|or|so|yet|however|instead|also|then|thus|hence|therefore|otherwise|still|both|neither|another|others?|the others?|the (?:latter|former|same|second|third|answer|figure|result|display)|a (?:second|third|few)|most of (?:it|them)|some (?:of (?:it|them|these|this)|do)|one of (?:it|them)|even so|for (?:example|instance)|(?:in|by) contrast|as a result|meanwhile|nearly all|three out|since then|at that time|how old|there|here)(?![\p{L}'’-])/iu;

const LONG_SENTENCE_WORDS = 25;

/**
 * Scores the paragraphs of one section, sentence by sentence, against the words of the whole text: how close each
 * is to what the text is about, with a premium for figures and a discount for what is hard to listen to.
 */
export function rankSentences(
  paragraphs: readonly (readonly string[])[],
  wholeText: ReadonlyMap<string, number>,
): Candidate[] {
  return paragraphs.flatMap((sentences) =>
    sentences.map((text, index) => ({
      text,
      words: countWords(text),
      score: closeness(text, wholeText) * fitness(text),
      pointsBack: POINTS_BACK.test(text),
      opens: index === 0,
      closes: index === sentences.length - 1,
    })),
  );
}

/** How often each content word is used, over all sentences of the text. */
export function wordUses(sentences: readonly string[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const word of sentences.flatMap(contentWords)) uses.set(word, (uses.get(word) ?? 0) + 1);
  return uses;
}

function closeness(text: string, wholeText: ReadonlyMap<string, number>): number {
  const words = new Set(contentWords(text));
  let sum = 0.1;
  for (const word of words) sum += Math.log2(1 + (wholeText.get(word) ?? 0));
  return sum / Math.sqrt(words.size + 2);
}

function fitness(text: string): number {
  let factor = 1;
  if (countWords(text) > LONG_SENTENCE_WORDS) factor *= 0.7;
  if (/\d/.test(text)) factor *= 1.3;
  if (/[()[\]]/.test(text)) factor *= 0.8;
  if (/\?["'”’]?$/u.test(text)) factor *= 0.8;
  return factor;
}
