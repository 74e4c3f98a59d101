import { readFileSync } from 'node:fs';
import { coveringFontFiles } from './font-files.ts';

/** First and last code point, ends included. */
type Range = [number, number];

const WINDOWS = 3;
const UNICODE_BMP = 1;
const UNICODE_FULL = 10;
const TABLE_BYTES = 16;

let ranges: Range[] | undefined;

/** Whether a shipped font can draw a code point. The fonts are read once a process. */
export function hasGlyph(codePoint: number): boolean {
  ranges ??= coveringFontFiles().flatMap((file) => rangesOf(readFileSync(file)));
  return ranges.some(([first, last]) => first <= codePoint && codePoint <= last);
}

/** Code points that a TrueType font maps to glyphs, read from its `cmap` table (formats 4 and 12). */
function rangesOf(font: Buffer): Range[] {
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + i * TABLE_BYTES);
  const entry = tables.find((at) => font.toString('latin1', at, at + 4) === 'cmap');
  if (entry === undefined) throw new Error('a shipped font has no cmap: run "npm ci" again');
  const cmap = font.subarray(font.readUInt32BE(entry + 8));
  return Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => 4 + i * 8).flatMap((at) => {
    const [platform, encoding] = [cmap.readUInt16BE(at), cmap.readUInt16BE(at + 2)];
    if (platform !== WINDOWS) return [];
    const subtable = cmap.subarray(cmap.readUInt32BE(at + 4));
    if (encoding === UNICODE_BMP) return segments(subtable);
    return encoding === UNICODE_FULL ? groups(subtable) : [];
  });
}

/** Format 4. Its last segment is the end mark U+FFFF. */
function segments(table: Buffer): Range[] {
  const bytes = table.readUInt16BE(6);
  const count = bytes / 2;
  const pairs = Array.from(
    { length: count },
    (_, i): Range => [table.readUInt16BE(16 + bytes + i * 2), table.readUInt16BE(14 + i * 2)],
  );
  return pairs.filter(([first]) => first !== 0xffff);
}

/** Format 12. */
function groups(table: Buffer): Range[] {
  return Array.from(
    { length: table.readUInt32BE(12) },
    (_, i): Range => [table.readUInt32BE(16 + i * 12), table.readUInt32BE(20 + i * 12)],
  );
}
