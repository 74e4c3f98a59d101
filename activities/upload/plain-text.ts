/** YouTube refuses angle brackets; controls, and marks that turn the direction of what follows, deceive a reader. */
const UNWANTED = /[<>\u202a-\u202e\u2066-\u2069]|(?![\n\t])\p{Cc}/gu;

export function plain(text: string): string {
  return text.replace(UNWANTED, '').trim();
}

/** The longest start of a text that is within the limit, in whole visible signs. */
export function cut(text: string, limit: number, sizeOf: (text: string) => number): string {
  if (sizeOf(text) <= limit) return text;
  let size = 0;
  let kept = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    size += sizeOf(segment);
    if (size > limit) break;
    kept += segment;
  }
  return kept.trimEnd();
}
