import { isOwnLanguage } from '../../infra/text/languages.ts';
import { boundSentence } from './clauses.ts';
import { capitalise, cleanText } from './clean-text.ts';
import { type Draft, MAX_SENTENCE_WORDS, MIN_SCENE_WORDS } from './draft.ts';
import { findFigure } from './figures.ts';
import { openWithHook } from './hook.ts';
import { readMarkdown, type Section } from './markdown.ts';
import { type Candidate, rankSentences, wordUses } from './rank.ts';
import { draftWords, saysItem, sizeScenes } from './scene-size.ts';
import { type Place, selectPassage } from './select.ts';
import { boundWords, splitSentences } from './sentences.ts';
import { countWords } from './words.ts';

/** A part with a figure or a list also has something to show. */
const FIGURE_BONUS = 1.15;
const LIST_BONUS = 1.3;
/** A list takes words to say, and a list that is cut short is none. */
const LIST_WEIGHT = 1.5;

/** Shorter paragraphs are taken together. */
const MIN_PARAGRAPH_WORDS = 40;
/** Share of the ordered time from which on a narration counts as long enough. */
const ENOUGH = 0.85;

export interface ArticleDraft {
  title: string | null;
  /** Everything that could be said is said. */
  whole: boolean;
  drafts: Draft[];
}

interface Part {
  heading: string | null;
  candidates: Candidate[];
  bullets: string[];
  quote: string | null;
}

/** The chosen passages with what is to be said first; both from the candidates of the whole text. */
type Opening = (all: readonly Candidate[], passages: readonly Candidate[][]) => Candidate[][];

/** A section of the article needs about this many words to say something whole. */
const WORDS_PER_PART = 32;

/** The opening sets the scene and the ending is what stays: both get more room, and first choice. */
const FRAME_WEIGHT = 1.6;

/**
 * An article as scenes of about `words` words of speech: headings become scenes, the most telling sentences of each are
 * spoken in their own words and order, after the most striking one; list items go on the card. Nothing is invented;
 * an article shorter than the video is spoken whole. What leans on a sentence before it is told by English words, so
 * in another language no sentence is moved to the front. No sentences → no drafts.
 */
export function draftArticle(article: string, words: number, language: string): ArticleDraft {
  const { title, sections } = readMarkdown(cleanText(article));
  const speakable = speakableParts(sections);
  const spoken = speakable.map(spokenParagraphs);
  const uses = wordUses(spoken.flat(2));
  const parts = speakable
    .map((section, index) => partOf(section, rankSentences(spoken[index] ?? [], uses), title))
    .filter((part) => part.candidates.length > 0);
  const all = parts.flatMap(({ candidates }) => candidates).reduce((sum, each) => sum + each.words, 0);
  const open: Opening = (candidates, passages) =>
    isOwnLanguage(language) ? openWithHook(candidates, passages, title) : [...passages];
  const drafts = nearest(parts, words, open);
  return { title, drafts: sizeScenes(drafts), whole: wordsOf(drafts) >= all };
}

/** A text with hardly a heading is taken apart at its paragraphs, so that not only its first ones are heard. */
function speakableParts(sections: readonly Section[]): Section[] {
  const filled = sections.filter(({ blocks }) => blocks.some(({ kind }) => kind !== 'quote'));
  return filled.length > 2 ? [...sections] : sections.flatMap(byParagraphs);
}

function byParagraphs(section: Section): Section[] {
  const parts: Section[] = [];
  let words = Number.POSITIVE_INFINITY;
  for (const block of section.blocks) {
    if (block.kind === 'paragraph' && words >= MIN_PARAGRAPH_WORDS) {
      parts.push({ ...section, blocks: [] });
      words = 0;
    }
    if (parts.length === 0) parts.push({ ...section, blocks: [] });
    parts.at(-1)?.blocks.push(block);
    words += block.kind === 'paragraph' ? countWords(block.text) : 0;
  }
  return parts;
}

/** Budgets that are tried, as shares of the wanted words, until the narration is near enough. */
const AIMS = [1, 1.08, 0.92, 1.16, 0.84, 1.3, 0.7];
const NEAR = 0.05;
/** A narration that does not end as the article does is as bad as one that is so much further off. */
const OPEN_END = 0.15;

/** The drafts whose words come nearest to the wanted number, rather with the article's own ending. */
function nearest(parts: readonly Part[], words: number, open: Opening): Draft[] {
  let best: { drafts: Draft[]; off: number } | null = null;
  for (const aim of AIMS) {
    const drafts = fillTime(parts, words * aim, open);
    const off = Math.abs(wordsOf(drafts) / words - 1) + (endsAs(drafts, parts) ? 0 : OPEN_END);
    if (!best || off < best.off) best = { drafts, off };
    if (best.off <= NEAR) break;
  }
  return best?.drafts ?? [];
}

function endsAs(drafts: readonly Draft[], parts: readonly Part[]): boolean {
  const last = parts.at(-1)?.candidates.at(-1)?.text ?? '';
  return drafts.at(-1)?.sentences.join(' ').endsWith(last) ?? true;
}

/** More parts than planned are used when their best passages are too short to fill the time. */
function fillTime(parts: readonly Part[], budget: number, open: Opening): Draft[] {
  const planned = Math.round(budget / WORDS_PER_PART);
  const all = parts.flatMap(({ candidates }) => candidates);
  for (let count = Math.max(2, planned); ; count += 1) {
    const chosen = mostTelling(parts, count);
    const drafts = draftsOf(chosen, open(all, fill(chosen, budget)));
    if (wordsOf(drafts) >= budget * ENOUGH || count >= parts.length) return drafts;
  }
}

function draftsOf(parts: readonly Part[], passages: readonly Candidate[][]): Draft[] {
  return parts.map(({ heading, bullets, quote }, index) => {
    const sentences = (passages[index] ?? []).flatMap(({ text }) => boundSentence(text, MAX_SENTENCE_WORDS));
    // A list that is not spoken would be read past the voice.
    const said = bullets.some((item) => saysItem(sentences.join(' '), item));
    return { heading, sentences, bullets: said ? bullets : [], quote };
  });
}

function wordsOf(drafts: readonly Draft[]): number {
  return drafts.reduce((sum, draft) => sum + draftWords(draft), 0);
}

function partOf(section: Section, candidates: Candidate[], title: string | null): Part {
  const bullets = section.blocks.flatMap((block) => (block.kind === 'list' ? block.items : []));
  const quote = section.blocks.find((block) => block.kind === 'quote')?.text ?? null;
  return { heading: section.heading === title ? null : section.heading, candidates, bullets, quote };
}

/** The first and the last part, and between them those with the best sentences, in the article's order. */
function mostTelling(parts: readonly Part[], count: number): Part[] {
  if (parts.length <= count) return [...parts];
  const inner = parts.slice(1, -1).map((part, index) => ({ index: index + 1, value: tellingOf(part) }));
  const best = inner.sort((a, b) => b.value - a.value).slice(0, count - 2);
  const indexes = new Set([0, parts.length - 1, ...best.map(({ index }) => index)]);
  return parts.filter((_, index) => indexes.has(index));
}

function tellingOf(part: Part): number {
  const scores = part.candidates.map(({ score }) => score).sort((a, b) => b - a);
  const telling = scores.slice(0, 3).reduce((sum, score) => sum + score, 0);
  const figure = part.candidates.some(({ text }) => findFigure(text) !== null);
  return telling * (figure ? FIGURE_BONUS : 1) * (part.bullets.length > 0 ? LIST_BONUS : 1);
}

/** Shares the words out by length, long parts damped; what one part leaves over goes to the next ones. */
function fill(parts: readonly Part[], budget: number): Candidate[][] {
  const weights = parts.map((part, index) => weightOf(part, placeOf(index, parts.length)));
  const passages: Candidate[][] = parts.map(() => []);
  let budgetLeft = budget;
  let weightLeft = weights.reduce((sum, weight) => sum + weight, 0);
  for (const index of fillingOrder(parts.length)) {
    const weight = weights[index] ?? 0;
    const share = Math.max(MIN_SCENE_WORDS, (budgetLeft * weight) / weightLeft);
    const passage = selectPassage(parts[index]?.candidates ?? [], share, placeOf(index, parts.length));
    budgetLeft -= passage.reduce((sum, { words }) => sum + words, 0);
    weightLeft -= weight;
    passages[index] = passage;
  }
  return passages;
}

function fillingOrder(count: number): number[] {
  const inner = Array.from({ length: Math.max(0, count - 2) }, (_, index) => index + 1);
  return count > 1 ? [0, count - 1, ...inner] : [0].slice(0, count);
}

function weightOf(part: Part, place: Place): number {
  const words = part.candidates.reduce((sum, candidate) => sum + candidate.words, 0);
  const list = part.bullets.length > 0 ? LIST_WEIGHT : 1;
  return Math.sqrt(words) * list * (place === 'inner' ? 1 : FRAME_WEIGHT);
}

function placeOf(index: number, count: number): Place {
  if (index === 0) return 'first';
  return index === count - 1 ? 'last' : 'inner';
}

/** A list is spoken as part of the sentence that announces it, or item by item; quotes are only shown. */
function spokenParagraphs(section: Section): string[][] {
  const paragraphs: string[][] = [];
  for (const block of section.blocks) {
    if (block.kind === 'paragraph') paragraphs.push(splitSentences(block.text).map(boundWords));
    if (block.kind === 'list') paragraphs.push(speakList(block.items, announcement(paragraphs)));
  }
  return paragraphs
    .map((sentences) => sentences.filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)))
    .filter((sentences) => sentences.length > 0);
}

/** Takes the sentence that ends in a colon off the paragraph before a list, with what stands before it. */
function announcement(paragraphs: string[][]): string[] {
  return paragraphs.at(-1)?.at(-1)?.endsWith(':') ? (paragraphs.pop() ?? []) : [];
}

function speakList(items: readonly string[], announced: string[]): string[] {
  const before = announced.slice(0, -1);
  const opening = announced.at(-1);
  const joined = opening && `${opening} ${enumerate(items)}.`;
  if (joined && countWords(joined) <= MAX_SENTENCE_WORDS) return [...before, joined];
  const spoken = items.flatMap(splitSentences).map(asSentence).map(boundWords);
  return opening ? [...before, opening.replace(/:$/, '.'), ...spoken] : spoken;
}

function enumerate(items: readonly string[]): string {
  const names = items.map((item) => item.replace(/[.;,]+$/, ''));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function asSentence(item: string): string {
  const text = capitalise(item);
  return /[.!?…。！？]["'”’)]*$/u.test(text) ? text : `${text}.`;
}
