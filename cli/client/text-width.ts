/** Signs that terminals draw over two cells: East Asian ones and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const INVISIBLE = /^[\p{M}\p{Cf}]+$/u;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cells of a terminal that a line of text takes. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const { segment } of segmenter.segment(text)) cells += widthOf(segment);
  return cells;
}

/** The text, cut to this many cells; a cut is shown as "…". */
export function cutTo(text: string, most: number): string {
  if (cellsOf(text) <= most) return text;
  let cut = '';
  let cells = 1;
  for (const { segment } of segmenter.segment(text)) {
    cells += widthOf(segment);
    if (cells > most) break;
    cut += segment;
  }
  return most > 0 ? `${cut.trimEnd()}…` : '';
}

function widthOf(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
