import { expect, test } from 'vitest';
import { paintBackground } from '../../../activities/cards/background.ts';
import { PALETTES, paletteFor, TEXT } from '../../../activities/cards/palette.ts';
import { PATTERNS } from '../../../activities/cards/patterns.ts';

/** Small, since a contrast does not depend on the size of a picture. */
const frame = { width: 480, height: 270 };
/** Patterns and tones (four schemes) both go round by scene: after twelve they start again. */
const SCENES = 2 * PATTERNS.length;

/** Looked up, since every pixel needs it three times. */
const LINEAR = Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

function luminance(red: number, green: number, blue: number): number {
  const [r = 0, g = 0, b = 0] = [LINEAR[red], LINEAR[green], LINEAR[blue]];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function luminanceOf(hex: string): number {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return luminance(channel(1), channel(3), channel(5));
}

function brightestPixel(topic: string, scene: number): number {
  const canvas = paintBackground({ topic, scene, frame });
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let brightest = 0;
  for (let i = 0; i < data.length; i += 12) {
    brightest = Math.max(brightest, luminance(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0));
  }
  return brightest;
}

function topicWith(name: string): string {
  for (let number = 0; number < 5_000; number++) {
    if (paletteFor(`topic ${number}`).name === name) return `topic ${number}`;
  }
  throw new Error(`no topic gets the palette ${name}`);
}

test.each(PALETTES)('$name: words read at 4.5:1 on the brightest line or dot under them', (palette) => {
  const topic = topicWith(palette.name);
  const scenes = Array.from({ length: SCENES }, (_, scene) => brightestPixel(topic, scene));
  const ground = Math.max(...scenes) + 0.05;
  for (const ink of [TEXT, palette.accent, palette.accent2]) {
    expect((luminanceOf(ink) + 0.05) / ground, ink).toBeGreaterThanOrEqual(4.5);
  }
});
