import type { Cue } from './cues.ts';

export interface AssStyle {
  font: string;
  width: number;
  height: number;
}

/** Invisible; keeps a backslash from meeting the letter that would make it a command. */
const JOINER = '\u2060';

/** Scripts that the caption font lacks, with the family that has them. */
const FALLBACK_FONTS: readonly [RegExp, string][] = [
  [/\p{Script=Arabic}+/gu, 'Noto Sans Arabic'],
  [/\p{Script=Hebrew}+/gu, 'Noto Sans Hebrew'],
  [/(?:(?![\d#*\u00a9\u00ae])\p{Emoji}\p{Emoji_Modifier}?\ufe0f?\u200d?)+/gu, 'Noto Emoji'],
];

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
${cues.map((cue) => eventLine(cue, style.font, pixel)).join('\n')}
`;
}

function eventLine(cue: Cue, font: string, pixel: number): string {
  const text = cue.lines.map((line) => withFonts(assText(line), font)).join('\\N');
  return `Dialogue: 0,${assTime(cue.startMs)},${assTime(cue.endMs)},Caption,,0,0,0,,{\\blur${pixel.toFixed(1)}}${text}`;
}

/** Text that libass shows as it is: braces and backslashes are no commands, line breaks are spaces. */
export function assText(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('\\', `\\${JOINER}`)
    .replaceAll('{', '\\{')
    .replaceAll('}', '\\}');
}

function withFonts(text: string, font: string): string {
  return FALLBACK_FONTS.reduce(
    (done, [script, family]) => done.replace(script, (run) => `{\\fn${family}}${run}{\\fn${font}}`),
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
