import type { SKRSContext2D } from '@napi-rs/canvas';
import { type Palette, withAlpha } from './palette.ts';

/** A sheet to draw a calm structure on; `random` is seeded by the scene. */
export interface Sheet {
  ctx: SKRSContext2D;
  width: number;
  height: number;
  palette: Palette;
  random: () => number;
}

export type Pattern = (sheet: Sheet) => void;

/** Strongest alpha of a line or dot in the accent colour: more would cost words above it their 4.5:1. */
const INK = 0.09;

/** Structures of the backgrounds, in the order in which scenes go through them. */
export const PATTERNS: readonly Pattern[] = [waves, rings, hills, dots, ribbons, contours];

function waves({ ctx, width, height, palette, random }: Sheet): void {
  const lines = 16;
  const swing = height * (0.05 + random() * 0.06);
  const length = width * (0.7 + random() * 0.5);
  const phase = random() * Math.PI * 2;
  for (let line = 0; line < lines; line++) {
    const share = line / (lines - 1);
    const base = height * (0.5 + share * 0.42);
    ctx.strokeStyle = withAlpha(palette.accent, INK * (0.35 + 0.65 * Math.sin(Math.PI * share)));
    ctx.lineWidth = 2;
    ctx.beginPath();
    for (let x = 0; x <= width; x += 24) {
      const bend = Math.sin((x / length) * Math.PI * 2 + phase + share * 2.4);
      ctx.lineTo(x, base + bend * swing * (0.4 + share));
    }
    ctx.stroke();
  }
}

function rings({ ctx, width, height, palette, random }: Sheet): void {
  const x = width * (random() < 0.5 ? 0.12 : 0.88);
  const y = height * (random() < 0.5 ? 0.12 : 0.88);
  const step = Math.max(width, height) / 15;
  for (let ring = 1; ring <= 14; ring++) {
    ctx.strokeStyle = withAlpha(palette.accent, INK * (1 - ring / 15));
    ctx.lineWidth = ring % 4 === 0 ? 5 : 2;
    ctx.beginPath();
    ctx.arc(x, y, step * ring * 0.9, 0, Math.PI * 2);
    ctx.stroke();
  }
}

function hills({ ctx, width, height, palette, random }: Sheet): void {
  for (let layer = 0; layer < 5; layer++) {
    const base = height * (0.58 + layer * 0.085);
    const swing = height * (0.07 - layer * 0.006);
    const phase = random() * Math.PI * 2;
    const length = width * (0.55 + random() * 0.5);
    ctx.fillStyle = withAlpha(layer % 2 === 0 ? palette.mid : palette.deep, 0.34);
    ctx.beginPath();
    ctx.moveTo(0, height);
    for (let x = 0; x <= width + 24; x += 24) {
      const angle = (x / length) * Math.PI * 2 + phase;
      ctx.lineTo(x, base + swing * (Math.sin(angle) + 0.4 * Math.sin(angle * 2.3)));
    }
    ctx.lineTo(width, height);
    ctx.fill();
  }
}

function dots({ ctx, width, height, palette, random }: Sheet): void {
  const step = Math.min(width, height) / 26;
  const x0 = width * (0.15 + random() * 0.7);
  const y0 = height * (0.15 + random() * 0.7);
  const reach = Math.hypot(width, height) * 0.62;
  for (let y = step / 2; y < height; y += step) {
    for (let x = step / 2; x < width; x += step) {
      const nearness = 1 - Math.hypot(x - x0, y - y0) / reach;
      if (nearness <= 0.05) continue;
      ctx.fillStyle = withAlpha(palette.accent, INK * nearness ** 2);
      ctx.beginPath();
      ctx.arc(x, y, 1.5 + 3.5 * nearness, 0, Math.PI * 2);
      ctx.fill();
    }
  }
}

function ribbons({ ctx, width, height, palette, random }: Sheet): void {
  const lean = width * (0.2 + random() * 0.2);
  const start = width * (0.3 + random() * 0.3);
  const colours = [palette.mid, palette.glow, palette.deep, palette.glow];
  for (const [index, colour] of colours.entries()) {
    const left = start + index * width * 0.15;
    const breadth = width * (0.1 + random() * 0.08);
    ctx.fillStyle = withAlpha(colour, 0.45);
    ctx.beginPath();
    ctx.moveTo(left + lean, 0);
    ctx.bezierCurveTo(left + lean * 0.4, height * 0.4, left + lean * 0.3, height * 0.7, left - lean, height);
    ctx.lineTo(left - lean + breadth, height);
    ctx.bezierCurveTo(
      left + lean * 0.3 + breadth,
      height * 0.7,
      left + lean * 0.4 + breadth,
      height * 0.4,
      left + lean + breadth * 1.6,
      0,
    );
    ctx.fill();
  }
}

function contours({ ctx, width, height, palette, random }: Sheet): void {
  const x0 = width * (0.6 + random() * 0.3);
  const y0 = height * (0.3 + random() * 0.4);
  const [a, b] = [random() * 6, random() * 6];
  const step = Math.min(width, height) / 13;
  for (let level = 1; level <= 16; level++) {
    ctx.strokeStyle = withAlpha(palette.accent, INK * (1 - level / 18));
    ctx.lineWidth = 2;
    ctx.beginPath();
    for (let turn = 0; turn <= 96; turn++) {
      const angle = (turn / 96) * Math.PI * 2;
      const wobble = 1 + 0.2 * Math.sin(angle * 2 + a + level * 0.12) + 0.1 * Math.sin(angle * 3 + b);
      const radius = step * level * wobble;
      ctx.lineTo(x0 + Math.cos(angle) * radius * 1.3, y0 + Math.sin(angle) * radius);
    }
    ctx.closePath();
    ctx.stroke();
  }
}
