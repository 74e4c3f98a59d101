import { contentWords } from './words.ts';

const ENDINGS =
  'com|net|org|io|info|biz|shop|store|xyz|top|site|online|club|link|click|app|dev|co|me|tv|gg|ly|ru|cn|tk|example|test';
/** An address, with or without its scheme. Names with a dot that are none ("Node.js") stay. */
const LINK = new RegExp(
  `(?:\\b[a-z][a-z0-9+.-]*://|\\bwww\\.)\\S+|(?<![\\p{L}\\p{N}@.-])(?:[\\p{L}\\p{N}-]+\\.)+(?:${ENDINGS})(?![\\p{L}\\p{N}-])(?:[/?#]\\S*)?`,
  'giu',
);

/** A text without addresses: what a model or an article puts there is no source of ours. */
export function withoutLinks(text: string): string {
  return text
    .replace(LINK, '')
    .replace(/\(\s*\)/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Whether at least this share of a text's telling words is said elsewhere; a text without such words is not. */
export function isSaid(text: string, elsewhere: ReadonlySet<string>, share: number): boolean {
  const words = contentWords(text);
  const said = words.filter((word) => elsewhere.has(word)).length;
  return words.length > 0 && said >= words.length * share;
}
