/** Width of a text in em, that is at font size 1. */
export type Measure = (text: string) => number;

export interface FitRules {
  maxWidth: number;
  maxHeight: number;
  /** Font sizes in pixels: the largest that fits is taken. */
  size: number;
  minSize: number;
  maxLines: number;
  /** Distance of two baselines in em. */
  lineHeight: number;
}

export interface Fitted {
  size: number;
  lines: string[];
  /** True when the text had to end in an ellipsis. */
  cut: boolean;
}

/** Height of capitals and depth of g, j, p in em: the least that a block of lines reserves. */
export const CAP_HEIGHT = 0.74;
export const DESCENT = 0.22;

const SHRINK = 0.95;
const ELLIPSIS = '…';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The largest size at which the text fits. It rather shrinks than breaks a word, rather breaks a word than
 * drops text; only text that does not fit at the smallest size ends in an ellipsis. Lines come out evenly long.
 */
export function fitText(text: string, rules: FitRules, measure: Measure): Fitted {
  for (const breakWords of [false, true]) {
    for (const size of sizes(rules)) {
      const lines = wrap(text, rules.maxWidth / size, measure);
      if (!breakWords && hasBrokenWord(text, lines)) continue;
      if (lines.length <= linesAllowed(rules, size)) {
        return { size, lines: balance(text, lines, rules.maxWidth / size, measure), cut: false };
      }
    }
  }
  return cutOff(text, rules, measure);
}

/** Breaks a text into lines of at most `maxEm`; a longer word is broken between its characters. */
export function wrap(text: string, maxEm: number, measure: Measure): string[] {
  const space = measure(' ');
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const word of words(text).flatMap((whole) => pieces(whole, maxEm, measure))) {
    const wordWidth = measure(word);
    if (line !== '' && width + space + wordWidth > maxEm) {
      lines.push(line);
      [line, width] = [word, wordWidth];
    } else {
      width += line === '' ? wordWidth : space + wordWidth;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Ends a line in an ellipsis, with as much of it as fits in front. */
export function ellipsize(line: string, maxEm: number, measure: Measure): string {
  const letters = [...graphemes.segment(line)].map(({ segment }) => segment);
  while (letters.length > 0 && measure(`${letters.join('').trimEnd()}${ELLIPSIS}`) > maxEm) letters.pop();
  return `${letters.join('').trimEnd()}${ELLIPSIS}`;
}

function* sizes({ size, minSize }: FitRules): Generator<number> {
  for (let next = size; next > minSize; next *= SHRINK) yield next;
  yield Math.min(size, minSize);
}

function linesAllowed({ maxHeight, maxLines, lineHeight }: FitRules, size: number): number {
  const below = Math.floor((maxHeight / size - CAP_HEIGHT - DESCENT) / lineHeight);
  return Math.max(1, Math.min(maxLines, 1 + below));
}

function words(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function pieces(word: string, maxEm: number, measure: Measure): string[] {
  if (measure(word) <= maxEm) return [word];
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(word)) {
    if (part !== '' && measure(part + segment) > maxEm) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return [...parts, part];
}

function hasBrokenWord(text: string, lines: readonly string[]): boolean {
  return lines.join(' ') !== words(text).join(' ');
}

/** Narrows the lines as far as their number stays: no last line with a lonely word. */
function balance(text: string, lines: string[], maxEm: number, measure: Measure): string[] {
  if (lines.length === 1 || hasBrokenWord(text, lines)) return lines;
  let best = lines;
  for (let width = maxEm * 0.97; width > maxEm * 0.5; width *= 0.97) {
    const narrower = wrap(text, width, measure);
    if (narrower.length > lines.length || hasBrokenWord(text, narrower)) break;
    best = narrower;
  }
  return best;
}

function cutOff(text: string, rules: FitRules, measure: Measure): Fitted {
  const size = Math.min(rules.size, rules.minSize);
  const maxEm = rules.maxWidth / size;
  const lines = wrap(text, maxEm, measure);
  const kept = lines.slice(0, linesAllowed(rules, size));
  const last = kept.pop() ?? '';
  return { size, lines: [...kept, ellipsize(last, maxEm, measure)], cut: true };
}
