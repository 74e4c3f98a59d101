import { type Canvas, createCanvas } from '@napi-rs/canvas';
import type { Card, CardKind } from '../../domain/results.ts';
import { registerFonts } from '../../infra/text/fonts.ts';
import { drawBulletsCard } from './bullets-card.ts';
import { drawComparisonCard } from './comparison-card.ts';
import { isRightToLeft } from './direction.ts';
import { type Size, unitOf } from './frame.ts';
import { drawNumberCard } from './number-card.ts';
import { drawOutroCard } from './outro-card.ts';
import { paletteFor } from './palette.ts';
import type { Pen } from './pen.ts';
import { drawQuoteCard } from './quote-card.ts';
import { drawTitleCard } from './title-card.ts';

export interface OverlaySpec {
  card: Card;
  /** Fixes the palette, as for the background. */
  topic: string;
  /** BCP 47; a language written from right to left mirrors the card. */
  language: string;
  frame: Size;
}

const DESIGNS: Record<CardKind, (pen: Pen, card: Card) => void> = {
  title: drawTitleCard,
  bullets: drawBulletsCard,
  number: drawNumberCard,
  quote: drawQuoteCard,
  comparison: drawComparisonCard,
  outro: drawOutroCard,
};

/** PNG of the card's words and ornaments on nothing, as large as the frame, inside {@link safeArea}. */
export function drawOverlay(spec: OverlaySpec): Promise<Buffer> {
  return paintOverlay(spec).encode('png');
}

/** The picture of {@link drawOverlay} before it is encoded. */
export function paintOverlay({ card, topic, language, frame }: OverlaySpec): Canvas {
  const { canvas, pen } = openSheet({ topic, language, frame });
  DESIGNS[card.kind](pen, card);
  return canvas;
}

/** An empty transparent picture of the frame's size, and the pen of its topic and language. */
export function openSheet({ topic, language, frame }: Omit<OverlaySpec, 'card'>): {
  canvas: Canvas;
  pen: Pen;
} {
  registerFonts();
  const canvas = createCanvas(frame.width, frame.height);
  const pen: Pen = {
    ctx: canvas.getContext('2d'),
    frame,
    palette: paletteFor(topic),
    rtl: isRightToLeft(language),
    unit: unitOf(frame),
  };
  return { canvas, pen };
}
