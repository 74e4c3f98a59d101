import { capitalise, fitsIn, shorten } from './clean-text.ts';
import type { Draft } from './draft.ts';
import { findFigure } from './figures.ts';
import { countWords } from './words.ts';

/** Most characters of each text on a card; longer ones would be set too small to read. */
export const CARD_LIMITS = {
  title: 70,
  kicker: 44,
  bullet: 60,
  bullets: 5,
  caption: 110,
  quote: 160,
  side: 80,
};

/** The item as a bullet: its name where it has one before a colon or dash, else shortened. */
function bulletText(item: string): string {
  const bare = item.replace(/[.;,]+$/u, '');
  if (fitsIn(bare, CARD_LIMITS.bullet)) return capitalise(bare);
  const name = /^(.{3,}?)(?::\s|\s[–—-]\s)/u.exec(bare)?.[1];
  return capitalise(shorten(name ?? bare, CARD_LIMITS.bullet));
}

/** Bullets of a scene: its list, or its sentences when each is short enough to be one. */
export function bulletsOf(draft: Draft): string[] | null {
  if (draft.bullets.length > 1) return draft.bullets.slice(0, CARD_LIMITS.bullets).map(bulletText);
  const short = draft.sentences.map((sentence) => sentence.replace(/[.]$/u, ''));
  const usable = short.length >= 2 && short.length <= CARD_LIMITS.bullets;
  return usable && short.every((sentence) => fitsIn(sentence, CARD_LIMITS.bullet)) ? short : null;
}

/** The scene's first figure and the sentence that it stands in. */
export function figureOf(draft: Draft): { figure: string; caption: string } | null {
  for (const sentence of draft.sentences) {
    const figure = findFigure(sentence);
    if (figure) return { figure, caption: shorten(sentence, CARD_LIMITS.caption) };
  }
  return null;
}

/** The two halves of a sentence that sets one thing against another. */
export function sidesOf(draft: Draft): { left: string; right: string } | null {
  for (const sentence of draft.sentences) {
    const match =
      /^(.{8,}?)(?:,? (?:vs\.?|versus) |, (?:while|whereas|but) |; )(.{8,}?)[.!?]?$/u.exec(sentence) ??
      /^(.{8,}? is not .{3,}?)[,;] (?:and|but) ((?:it|they) .{3,}?)[.!?]?$/u.exec(sentence);
    const [, left = '', right = ''] = match ?? [];
    if (left && fitsIn(left, CARD_LIMITS.side) && fitsIn(right, CARD_LIMITS.side)) {
      return { left: capitalise(left), right: capitalise(right) };
    }
  }
  return null;
}

/** The source's own quotation, else the scene's longest sentence that fits whole. */
export function quoteOf(draft: Draft): string | null {
  if (draft.quote && fitsIn(draft.quote, CARD_LIMITS.quote)) return draft.quote;
  const whole = draft.sentences.filter(
    (sentence) => fitsIn(sentence, CARD_LIMITS.quote) && /[.!?…。！？]["'”’»)]*$/u.test(sentence),
  );
  return whole.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** A heading for a scene of a text that has none: its shortest whole sentence, else its first clause. */
export function headingFrom(sentences: readonly string[]): string {
  const bare = sentences.map((sentence) => sentence.replace(/[.,;:]+$/u, ''));
  const short = bare.filter((text) => fitsIn(text, CARD_LIMITS.title) && countWords(text) >= 3);
  const clauses = bare.map((text) => text.split(/[,;:] | [–—] /u)[0] ?? text);
  const clause = clauses.find((text) => fitsIn(text, CARD_LIMITS.title) && countWords(text) >= 3);
  const best = short.sort((a, b) => a.length - b.length)[0] ?? clause ?? bare[0] ?? '';
  return capitalise(shorten(best, CARD_LIMITS.title));
}
