/** Bounds of an order that the API enforces and the command line checks before it starts anything. */
export const MAX_BODY_BYTES = 256 * 1024;
export const MAX_ARTICLE_BYTES = 64 * 1024;
/** About twelve minutes of speech: more than the longest video. */
export const MAX_SCRIPT_CHARS = 12_000;
export const MAX_PROMPT_CHARS = 1_000;
export const MAX_TITLE_CHARS = 100;
export const MAX_LABEL_CHARS = 100;
export const MAX_URL_CHARS = 500;
export const MAX_MEDIA = 20;
export const MIN_DURATION_S = 15;
export const MAX_DURATION_S = 600;
export const DEFAULT_DURATION_S = 60;
export const MIN_PRIORITY = 1;
export const MAX_PRIORITY = 10;
export const DEFAULT_PRIORITY = 5;

// Tab, line feed, carriage return and next line are text; every other control character, and half a
// surrogate pair, means that the text is binary or broken.
const NOT_TEXT = /(?![\t\n\r\u0085])\p{Cc}|\p{Surrogate}/u;
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/** What is wrong with a text that a video is to be made from, or null: "is blank", "is longer than …". */
export function textFault(text: string, bound: { chars?: number; bytes?: number }): string | null {
  if (NOT_TEXT.test(text)) return 'holds control characters: it is binary, or not text as UTF-8';
  if (!SAYS_SOMETHING.test(text)) return 'is blank: it needs at least one letter or digit';
  if (bound.chars !== undefined && text.length > bound.chars) {
    return `is ${text.length} characters long, the most is ${bound.chars}`;
  }
  const bytes = bound.bytes === undefined ? 0 : new TextEncoder().encode(text).byteLength;
  if (bound.bytes !== undefined && bytes > bound.bytes) {
    return `is ${Math.ceil(bytes / 1024)} kB long, the most is ${bound.bytes / 1024} kB`;
  }
  return null;
}
