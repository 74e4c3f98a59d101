import type { SKRSContext2D } from '@napi-rs/canvas';
import { FONT_STACK, type FontWeight } from '../../infra/text/fonts.ts';
import { directionOf, hasCursiveScript } from './direction.ts';
import type { Measure } from './fit-text.ts';
import type { Size } from './frame.ts';
import type { Palette } from './palette.ts';

/** What a card is drawn with. */
export interface Pen {
  ctx: SKRSContext2D;
  frame: Size;
  palette: Palette;
  /** Mirrors the card: text starts at the right. */
  rtl: boolean;
  /** Pixels of one unit of length: see unitOf. */
  unit: number;
}

export interface Face {
  weight: FontWeight;
  /** Extra space between letters in em; not applied to scripts whose letters join. */
  tracking: number;
}

const MEASURED_AT = 100;

/** Width of texts in em; each text is measured once. */
export function measureWith({ ctx }: Pen, face: Face): Measure {
  const known = new Map<string, number>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    setFace(ctx, face, MEASURED_AT, text);
    const em = ctx.measureText(text).width / MEASURED_AT;
    known.set(text, em);
    return em;
  };
}

/** Sets font, spacing and base direction for one line. */
export function setFace(ctx: SKRSContext2D, face: Face, size: number, text: string): void {
  ctx.font = `${face.weight} ${size}px ${FONT_STACK}`;
  ctx.letterSpacing = hasCursiveScript(text) ? '0px' : `${face.tracking * size}px`;
  ctx.direction = directionOf(text);
}
