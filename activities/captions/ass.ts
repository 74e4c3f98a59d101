import type { CaptionStyle } from '../../domain/video.ts';
import { hasGlyph } from '../../infra/text/glyphs.ts';
import type { Cue } from './cues.ts';
import { lineWidth } from './line-width.ts';
import { type CaptionLook, captionLook, type DrawnStyle } from './looks.ts';

export interface AssStyle {
  font: string;
  width: number;
  height: number;
  captions: CaptionStyle;
}

/** For the head of a file without captions. */
const DEFAULT_STYLE: DrawnStyle = 'bold';

/** Invisible; keeps a backslash from meeting the letter that would make it a command. */
const JOINER = '\u2060';

/** Scripts that the caption font lacks, with the family that has them and the size at which its letters look as tall. */
const FALLBACK_FONTS: readonly { script: RegExp; family: string; scale: number }[] = [
  { script: /\p{Script=Arabic}+/gu, family: 'Noto Sans Arabic', scale: 1.35 },
  { script: /\p{Script=Hebrew}+/gu, family: 'Noto Sans Hebrew', scale: 1 },
  { script: /(?:(?![\d#*\u00a9\u00ae])\p{Emoji}\ufe0f?)+/gu, family: 'Noto Emoji', scale: 1 },
];

/**
 * Emoji above U+FFFF: libass up to 0.17.1 reads a font's table of 16-bit signs only and would draw an empty box.
 * They stay in the caption files, where the player draws them.
 */
const UNDRAWABLE = /(?:(?=[\u{10000}-\u{10ffff}])\p{Emoji}[\ufe0f\u200d]*)+/gu;

const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Captions as an Advanced SubStation file whose coordinates are the frame's pixels: centred in the bottom safe area,
 * the word that is spoken in another colour. Nothing but the head for `none`.
 */
export function assFile(cues: readonly Cue[], { font, width, height, captions }: AssStyle): string {
  const style: DrawnStyle = captions === 'none' ? DEFAULT_STYLE : captions;
  const look = captionLook(style, { width, height });
  const fields = [
    ...[font, look.size, look.colour, look.colour, '&H00181410', '&H90000000', look.bold ? -1 : 0],
    ...[0, 0, 0, 100, 100, 0, 0, 1, look.outline.toFixed(1), look.shadow.toFixed(1)],
    ...[2, look.side, look.side, look.bottom, -1],
  ];
  const events = captions === 'none' ? [] : cues.flatMap((cue) => eventLines(cue, { ...look, font, width }));
  return `[Script Info]
ScriptType: v4.00+
PlayResX: ${width}
PlayResY: ${height}
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: TV.709

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Caption,${fields.join(',')}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
${events.join('\n')}
`;
}

type Look = CaptionLook & { font: string; width: number };

/** The cue once for each of its words, which is lit; no line for a cue of which nothing can be drawn. */
function eventLines(cue: Cue, look: Look): string[] {
  let count = 0;
  const lines = cue.lines
    .map((line) => line.split(' ').map((word) => ({ index: count++, text: drawable(word) })))
    .map((words) => words.filter(({ text }) => text !== ''))
    .filter((words) => words.length > 0);
  const words = lines.flat();
  const narrowed = narrowing(
    lines.map((line) => line.map(({ text }) => text).join(' ')),
    look,
  );
  return words.flatMap(({ index }, i) => {
    const startMs = i === 0 ? cue.startMs : (cue.wordStartsMs[index] ?? cue.startMs);
    const endMs = words[i + 1] ? (cue.wordStartsMs[words[i + 1]?.index ?? 0] ?? cue.endMs) : cue.endMs;
    const [start, end] = [assTime(startMs), assTime(endMs)];
    if (start === end) return [];
    const text = lines.map((line) => line.map((word) => wordText(word, index, look)).join(' ')).join('\\N');
    return [`Dialogue: 0,${start},${end},Caption,,0,0,0,,{\\blur${look.blur.toFixed(1)}${narrowed}}${text}`];
  });
}

/** A command that makes letters narrower where the longest line would not fit between the margins, else nothing. */
function narrowing(lines: readonly string[], { width, side, size, bold }: Look): string {
  const room = width - 2 * side;
  const longest = Math.max(0, ...lines.map((line) => lineWidth(line, size, bold)));
  return longest > room ? `\\fscx${Math.floor((100 * room) / longest)}` : '';
}

function wordText({ index, text }: { index: number; text: string }, lit: number, look: Look): string {
  const drawn = withFonts(assText(text), look);
  return index === lit ? `${colour(look.lit)}${drawn}${colour(look.colour)}` : drawn;
}

/** Style colours hold their transparency, commands have one of their own for it. */
function colour(value: string): string {
  return `{\\1c&H${value.slice(4)}&\\1a&H${value.slice(2, 4)}&}`;
}

/** A line without what would come out as an empty box. */
export function drawable(line: string): string {
  return line
    .replace(UNDRAWABLE, '')
    .replace(VISIBLE, (sign) => (hasGlyph(sign.codePointAt(0) ?? 0) ? sign : ''))
    .replace(/ {2,}/gu, ' ')
    .trim();
}

/** Text that libass shows as it is: braces and backslashes are no commands, line breaks are spaces. */
export function assText(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('\\', `\\${JOINER}`)
    .replaceAll('{', '\\{')
    .replaceAll('}', '\\}');
}

function withFonts(text: string, { font, size }: Look): string {
  return FALLBACK_FONTS.reduce(
    (done, { script, family, scale }) =>
      done.replace(
        script,
        (run) => `{\\fn${family}\\fs${Math.round(size * scale)}}${run}{\\fn${font}\\fs${size}}`,
      ),
    text,
  );
}

/** Whole hundredths, rounded down, so that neighbours never overlap. */
function assTime(ms: number): string {
  const hundredths = Math.floor(ms / 10);
  const pad = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(hundredths / 100);
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${pad(hundredths % 100)}`;
}
