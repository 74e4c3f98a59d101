import type { Aspect } from '../../domain/video.ts';

export const MAX_LINES = 2;

/** Longest line by frame: what stays readable and inside the picture. */
export const LINE_CHARS: Record<Aspect, number> = { '16:9': 42, '9:16': 26, '1:1': 32 };

/** Signs that take the room of two letters. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Width of a text in letters. */
export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) width += NO_WIDTH.test(sign) ? 0 : WIDE.test(sign) && sign > '\u00ff' ? 2 : 1;
  return width;
}

/** Words on as few lines as fit; two lines are split where they come out most even. */
export function layOut(words: readonly string[], lineChars: number): string[] {
  const whole = words.join(' ');
  if (widthOf(whole) <= lineChars) return [whole];
  const splits = words.slice(1).map((_, i) => {
    const lines = [words.slice(0, i + 1).join(' '), words.slice(i + 1).join(' ')];
    return { lines, longest: Math.max(...lines.map(widthOf)) };
  });
  const best = splits.toSorted((a, b) => a.longest - b.longest)[0];
  return best && best.longest <= lineChars ? best.lines : greedy(words, lineChars);
}

function greedy(words: readonly string[], lineChars: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && widthOf(joined) <= lineChars) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}
