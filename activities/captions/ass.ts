import { hasGlyph } from '../../infra/glyphs.ts';
import type { Cue } from './cues.ts';

export interface AssStyle {
  font: string;
  width: number;
  height: number;
}

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
 * Captions as an Advanced SubStation file whose coordinates are the frame's pixels: white bold letters with a dark
 * outline and a soft shadow, centred in the bottom safe area.
 */
export function assFile(cues: readonly Cue[], style: AssStyle): string {
  const { width, height } = style;
  const size = Math.round(width > height ? height * 0.056 : width * 0.054);
  const bottom = Math.round(height * (height > width ? 0.14 : 0.065));
  const side = Math.round(width * 0.06);
  const pixel = size / 56;
  const look = [
    style.font,
    size,
    '&H00FFFFFF,&H00FFFFFF,&H00181410,&H90000000,-1,0,0,0,100,100,0,0,1',
    (3.2 * pixel).toFixed(1),
    (2.4 * pixel).toFixed(1),
    `2,${side},${side},${bottom},-1`,
  ].join(',');
  return `[Script Info]
ScriptType: v4.00+
PlayResX: ${width}
PlayResY: ${height}
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: TV.709

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Caption,${look}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
${cues.flatMap((cue) => eventLine(cue, { font: style.font, size, pixel })).join('\n')}
`;
}

interface Look {
  font: string;
  size: number;
  /** Blur that suits the size. */
  pixel: number;
}

/** No line for a cue of which nothing can be drawn. */
function eventLine(cue: Cue, look: Look): string[] {
  const drawn = cue.lines.map(drawable);
  const lines = drawn.filter((line) => line !== '').map((line) => withFonts(assText(line), look));
  if (lines.length === 0) return [];
  const times = `${assTime(cue.startMs)},${assTime(cue.endMs)}`;
  return [`Dialogue: 0,${times},Caption,,0,0,0,,{\\blur${look.pixel.toFixed(1)}}${lines.join('\\N')}`];
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
