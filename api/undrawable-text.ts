import { hasGlyph } from '../infra/text/glyphs.ts';

/** Letters, digits and their marks; a sign or an emoji that no font has is left out of pictures, not refused. */
const TEXT = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{M}]/gu;

const SCRIPTS = [
  ...[
    'Han',
    'Hiragana',
    'Katakana',
    'Hangul',
    'Devanagari',
    'Bengali',
    'Gurmukhi',
    'Gujarati',
    'Tamil',
    'Telugu',
  ],
  ...[
    'Kannada',
    'Malayalam',
    'Sinhala',
    'Thai',
    'Lao',
    'Tibetan',
    'Myanmar',
    'Khmer',
    'Georgian',
    'Armenian',
  ],
  ...['Ethiopic', 'Cherokee', 'Mongolian', 'Syriac', 'Thaana'],
].map((name) => ({ name, letters: new RegExp(`\\p{Script=${name}}`, 'u') }));

/**
 * What is wrong with a text that is to be read in the picture, or null: a letter that no shipped font has would be
 * drawn as an empty box.
 */
export function undrawable(text: string): string | null {
  const letters = new Set(text.normalize('NFC').match(TEXT));
  const missing = [...letters].find((letter) => !hasGlyph(letter.codePointAt(0) ?? 0));
  if (missing === undefined) return null;
  const code = missing.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  const script = SCRIPTS.find(({ letters }) => letters.test(missing));
  const which = script ? `U+${code}, ${script.name}` : `U+${code}`;
  return `holds "${missing}" (${which}), which no font here can show: letters may be Latin, Greek, Cyrillic, Arabic or Hebrew`;
}
