import { type Draft, MAX_SCENE_WORDS, MIN_SCENE_WORDS } from './draft.ts';
import { countWords } from './words.ts';

/**
 * The same sentences in scenes of a watchable length: one that is too short joins its neighbour, one that is too long is split at the sentence nearest to equal parts.
 */
export function sizeScenes(drafts: readonly Draft[]): Draft[] {
  return mergeShort(drafts).flatMap(splitLong);
}

export function draftWords(draft: Draft): number {
  return draft.sentences.reduce((sum, sentence) => sum + countWords(sentence), 0);
}

function mergeShort(drafts: readonly Draft[]): Draft[] {
  const merged: Draft[] = [];
  for (const draft of drafts) {
    const last = merged.at(-1);
    const short = last && (draftWords(draft) < MIN_SCENE_WORDS || draftWords(last) < MIN_SCENE_WORDS);
    if (short && draftWords(draft) + draftWords(last) <= MAX_SCENE_WORDS)
      merged[merged.length - 1] = join(last, draft);
    else merged.push(draft);
  }
  return merged;
}

function join(a: Draft, b: Draft): Draft {
  return {
    heading: a.heading ?? b.heading,
    sentences: [...a.sentences, ...b.sentences],
    bullets: [...a.bullets, ...b.bullets],
    quote: a.quote ?? b.quote,
  };
}

function splitLong(draft: Draft): Draft[] {
  const parts = Math.ceil(draftWords(draft) / MAX_SCENE_WORDS);
  if (parts < 2) return [draft];
  const split = shareOut(draft, evenGroups(draft, parts));
  const stump = split.some((part) => draftWords(part) < MIN_SCENE_WORDS);
  return parts === 2 && stump ? [draft] : split;
}

function evenGroups(draft: Draft, parts: number): string[][] {
  const total = draftWords(draft);
  const groups: string[][] = Array.from({ length: parts }, () => []);
  let before = 0;
  for (const sentence of wholeSentences(draft.sentences)) {
    const words = sentence.reduce((sum, piece) => sum + countWords(piece), 0);
    const part = Math.min(parts - 1, Math.floor(((before + words / 2) / total) * parts));
    groups[part]?.push(...sentence);
    before += words;
  }
  return groups.filter((sentences) => sentences.length > 0);
}

/** The pieces of a sentence that was broken at a clause stay in one scene. */
function wholeSentences(pieces: readonly string[]): string[][] {
  const whole: string[][] = [];
  let open = false;
  for (const piece of pieces) {
    if (open) whole.at(-1)?.push(piece);
    else whole.push([piece]);
    open = !/[.!?…。！？]["'”’»)\]]*$/u.test(piece);
  }
  return whole;
}

/** Characters by which a list item is recognised in the sentence that says it. */
const ITEM_START_CHARS = 24;

/** Whether a text says an item of a list: by the item's beginning, since its end is changed for the voice. */
export function saysItem(text: string, item: string): boolean {
  return text.toLowerCase().includes(item.toLowerCase().slice(0, ITEM_START_CHARS));
}

/** Each item goes with the words that say it, an unsaid list with the first scene; the quotation closes. */
function shareOut(draft: Draft, groups: readonly string[][]): Draft[] {
  const texts = groups.map((group) => group.join(' '));
  const said = draft.bullets.some((item) => texts.some((text) => saysItem(text, item)));
  return groups.map((sentences, index) => ({
    heading: draft.heading,
    sentences,
    bullets: draft.bullets.filter((item) => (said ? saysItem(texts[index] ?? '', item) : index === 0)),
    quote: index === groups.length - 1 ? draft.quote : null,
  }));
}
