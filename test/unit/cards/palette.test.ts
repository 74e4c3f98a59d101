import { expect, test } from 'vitest';
import { PALETTES, paletteFor, TEXT, tonesFor } from '../../../activities/cards/palette.ts';

/** Relative luminance of a colour, WCAG 2.2. */
function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

test.each(PALETTES)('words and accents of $name read at 4.5:1 on each of its backgrounds', (palette) => {
  for (const ground of [palette.deep, palette.mid, palette.glow]) {
    for (const ink of [TEXT, palette.accent, palette.accent2]) {
      expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('a topic keeps its palette', () => {
  expect(paletteFor('The deep sea')).toBe(paletteFor('The deep sea'));
});

test('neighbouring scenes differ', () => {
  const palette = paletteFor('The deep sea');
  for (let scene = 0; scene < 12; scene += 1) {
    expect(tonesFor(palette, 'The deep sea', scene)).not.toEqual(
      tonesFor(palette, 'The deep sea', scene + 1),
    );
  }
});
