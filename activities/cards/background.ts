import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { Size } from './frame.ts';
import { paletteFor, pick, type Tones, tonesFor, withAlpha } from './palette.ts';
import { PATTERNS } from './patterns.ts';
import { hashOf, seededRandom } from './random.ts';

/** Size of a background as a multiple of the frame: what the camera can pan over. */
export const OVERSCAN = 1.2;

const JPEG_QUALITY = 92;

export interface BackgroundSpec {
  /** Fixes the palette, so that one video keeps one family of colours. */
  topic: string;
  /** Index of the scene: varies tones and structure, never equal to the neighbours'. */
  scene: number;
  frame: Size;
}

/** JPEG of a calm designed picture, {@link OVERSCAN} times the frame, the same for the same spec. */
export function drawBackground(spec: BackgroundSpec): Promise<Buffer> {
  return paintBackground(spec).encode('jpeg', JPEG_QUALITY);
}

/** The picture of {@link drawBackground} before it is encoded. */
export function paintBackground({ topic, scene, frame }: BackgroundSpec): Canvas {
  const [width, height] = [evenly(frame.width * OVERSCAN), evenly(frame.height * OVERSCAN)];
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  const palette = paletteFor(topic);
  const random = seededRandom(`${topic} ${scene}`);
  const tones = tonesFor(palette, topic, scene);
  fillGradient(ctx, { width, height }, tones, random);
  for (const colour of tones.blobs) fillBlob(ctx, { width, height }, colour, random);
  const pattern = pick(PATTERNS, hashOf(`pattern ${topic}`) + scene);
  pattern({ ctx, width, height, palette, random });
  return canvas;
}

function evenly(length: number): number {
  return Math.round(length / 2) * 2;
}

function fillGradient(ctx: SKRSContext2D, { width, height }: Size, tones: Tones, random: () => number): void {
  const angle = random() * Math.PI * 2;
  const reach = Math.hypot(width, height) / 2;
  const [dx, dy] = [Math.cos(angle) * reach, Math.sin(angle) * reach];
  const gradient = ctx.createLinearGradient(width / 2 - dx, height / 2 - dy, width / 2 + dx, height / 2 + dy);
  gradient.addColorStop(0.1, tones.from);
  gradient.addColorStop(0.9, tones.to);
  ctx.fillStyle = gradient;
  ctx.fillRect(0, 0, width, height);
}

function fillBlob(ctx: SKRSContext2D, { width, height }: Size, colour: string, random: () => number): void {
  const [x, y] = [random() * width, random() * height];
  const radius = Math.max(width, height) * (0.3 + random() * 0.3);
  const gradient = ctx.createRadialGradient(x, y, 0, x, y, radius);
  gradient.addColorStop(0, withAlpha(colour, 0.85));
  gradient.addColorStop(0.5, withAlpha(colour, 0.35));
  gradient.addColorStop(1, withAlpha(colour, 0));
  ctx.fillStyle = gradient;
  ctx.fillRect(0, 0, width, height);
}
