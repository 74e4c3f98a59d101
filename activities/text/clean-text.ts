/** Controls, unpaired surrogates and private characters; marks without width (zero-width, bidi, soft hyphen, BOM). */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Co}]/gu;
const INVISIBLE = /\u034f|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/**
 * The text with one kind of line end, composed letters, and nothing that a reader cannot see: such characters
 * are spoken as nonsense, drawn as boxes and refused by Postgres (NUL).
 */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(CONTROLS, keepLayout)
    .replace(INVISIBLE, '')
    .normalize('NFC');
}

/** One line: every run of white space is a single space. */
export function oneLine(text: string): string {
  return cleanText(text).replace(CONTROLS, ' ').replace(/\s+/g, ' ').trim();
}

/**
 * At most `max` characters, cut at the end of a word (a longer single word is cut inside) and closed with "…".
 */
export function shorten(text: string, max: number): string {
  const characters = [...text];
  if (characters.length <= max) return text;
  const room = characters.slice(0, max - 1).join('');
  const atWord = /^(.*\S)\s+\S*$/su.exec(`${room}${characters[max - 1]}`)?.[1];
  const kept = atWord && atWord.length >= max / 3 ? atWord : room;
  return `${kept.replace(/[\s,;:.!?–—-]+$/u, '')}…`;
}

/** True when the text fits, counted as a person counts characters. */
export function fitsIn(text: string, max: number): boolean {
  return [...text].length <= max;
}

export function capitalise(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

function keepLayout(control: string): string {
  return control === '\n' || control === '\t' ? control : '';
}
