import type { Cue } from './cues.ts';

/** Invisible; keeps players from reading a mark in a SubRip text, which has no escapes. */
const JOINER = '\u2060';

/** Captions as a SubRip file. */
export function srtFile(cues: readonly Cue[]): string {
  const blocks = cues.map((cue, i) => {
    const lines = cue.lines.map((line) => plain(line).replace(/[<{\\]|--(?=>)/gu, `$&${JOINER}`));
    return `${i + 1}\n${clock(cue.startMs, ',')} --> ${clock(cue.endMs, ',')}\n${lines.join('\n')}\n`;
  });
  return blocks.join('\n');
}

/** Captions as a WebVTT file. */
export function vttFile(cues: readonly Cue[]): string {
  const blocks = cues.map((cue) => {
    const lines = cue.lines.map((line) =>
      plain(line).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    );
    return `\n${clock(cue.startMs, '.')} --> ${clock(cue.endMs, '.')}\n${lines.join('\n')}\n`;
  });
  return `WEBVTT\n${blocks.join('')}`;
}

function plain(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ');
}

function clock(ms: number, mark: ',' | '.'): string {
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const seconds = Math.floor(ms / 1000);
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${mark}${pad(ms % 1000, 3)}`;
}
