import type { Order } from '../../domain/video.ts';
import { cleanText } from './clean-text.ts';
import { type Document, readMarkdown } from './markdown.ts';
import { splitSentences } from './sentences.ts';
import { contentWords } from './words.ts';

/** What the labels of an article's video may be made of. */
export interface Ground {
  /** The article's own; null where it has none. */
  title: string | null;
  words: ReadonlySet<string>;
  /** The first sentence that holds one of the words, else the first of all; empty where the article has none. */
  opening: string;
}

/**
 * The words that an article uses for its subject: those of its title, its headings and of the order's own labels, and
 * those that two of its paragraphs say which hold one of these; of a single paragraph without any, its first sentence.
 * One paragraph that tells a model what to advertise adds none, whether the narration repeats it or not.
 */
export function groundOf(article: string, order: Pick<Order, 'title' | 'keywords' | 'tags'>): Ground {
  const { title, sections } = readMarkdown(cleanText(article));
  const ordered = [order.title ?? '', ...order.keywords, ...order.tags];
  const named = [title ?? '', ...sections.map(({ heading }) => heading ?? ''), ...ordered].flatMap(wordsOf);
  const texts = sections.flatMap(({ blocks }) => blocks.map(textOf));
  const words = new Set([...named, ...sharedWords(texts, new Set(named))]);
  const sentences = texts.flatMap(splitSentences);
  const opening =
    sentences.find((text) => wordsOf(text).some((word) => words.has(word))) ?? sentences[0] ?? '';
  return { title, words: words.size > 0 ? words : new Set(wordsOf(opening)), opening };
}

/** Whether at least this share of a text's telling words are of the ground; a text without such words is not. */
export function isGrounded(text: string, { words }: Ground, share: number): boolean {
  const used = wordsOf(text);
  const own = used.filter((word) => words.has(word)).length;
  return used.length > 0 && own >= used.length * share;
}

/** The words of a text that are of the ground, as often and in the order as they stand there. */
export function groundedWords(text: string, { words }: Ground): string {
  return contentWords(text)
    .filter((word) => words.has(word))
    .join(' ');
}

/** Words of more than one paragraph; only paragraphs that hold one of `named` count, where there are two such. */
function sharedWords(paragraphs: readonly string[], named: ReadonlySet<string>): string[] {
  const said = paragraphs.map((text) => [...new Set(wordsOf(text))]);
  const about = said.filter((words) => words.some((word) => named.has(word)));
  const own = about.length > 1 ? about : said;
  const seen = new Set<string>();
  return own.flat().filter((word) => seen.has(word) || !seen.add(word));
}

function textOf(block: Document['sections'][number]['blocks'][number]): string {
  return block.kind === 'list' ? block.items.join('\n') : block.text;
}

const NUMBERS_AND_SHORT =
  /\p{N}+|(?<!\p{L})[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,2}(?!\p{L})/gu;

/** Telling words, each part of a joined one by itself, with numbers and the short words of scripts without spaces. */
function wordsOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/[-‐‑–]/gu, ' ');
  return [...contentWords(plain), ...(plain.match(NUMBERS_AND_SHORT) ?? [])];
}
