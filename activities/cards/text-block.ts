import type { CanvasGradient } from '@napi-rs/canvas';
import type { Block } from './block.ts';
import { CAP_HEIGHT, DESCENT, type FitRules, type Fitted, fitText } from './fit-text.ts';
import { type Face, measureWith, type Pen, setFace } from './pen.ts';

export type Align = 'start' | 'centre';

export interface TextStyle extends FitRules, Face {
  colour: string | CanvasGradient;
  align: Align;
}

export interface TextBlock extends Block {
  /** True when the text did not fit and ends in an ellipsis. */
  cut: boolean;
}

type Look = Omit<TextStyle, 'maxWidth' | 'maxHeight'>;

const BASE = { align: 'start', colour: '#ffffff', tracking: 0 } as const;

/** The looks that cards share; sizes are in units. */
export const LOOKS = {
  display: { ...BASE, size: 172, minSize: 54, maxLines: 6, lineHeight: 1.1, weight: 800, tracking: -0.025 },
  heading: { ...BASE, size: 84, minSize: 40, maxLines: 5, lineHeight: 1.14, weight: 800, tracking: -0.02 },
  lead: { ...BASE, size: 66, minSize: 34, maxLines: 7, lineHeight: 1.28, weight: 700, tracking: -0.01 },
  body: { ...BASE, size: 44, minSize: 30, maxLines: 3, lineHeight: 1.34, weight: 500 },
  kicker: { ...BASE, size: 30, minSize: 24, maxLines: 1, lineHeight: 1.3, weight: 700, tracking: 0.14 },
} as const satisfies Record<string, Look>;

/** A text that is fitted into a width and height, with a look of {@link LOOKS} and changes to it. */
export function textBlock(
  pen: Pen,
  text: string,
  room: { width: number; height: number },
  look: Look,
  changes: Partial<Look> = {},
): TextBlock {
  const style = scaled({ ...look, ...changes }, room, pen.unit);
  return linesBlock(pen, fitText(text, style, measureWith(pen, style)), style);
}

function scaled(look: Look, room: { width: number; height: number }, unit: number): TextStyle {
  return {
    ...look,
    size: look.size * unit,
    minSize: look.minSize * unit,
    maxWidth: room.width,
    maxHeight: room.height,
  };
}

/** Lines that are fitted already. The block reserves the ink of its first and last line, accents included. */
function linesBlock(pen: Pen, { size, lines, cut }: Fitted, style: TextStyle): TextBlock {
  const { ascent, descent } = inkOf(pen, lines, size, style);
  const step = size * style.lineHeight;
  return {
    cut,
    height: ascent + step * (lines.length - 1) + descent,
    draw(x, y, width) {
      for (const [index, line] of lines.entries()) {
        drawLine(pen, line, size, style, { x, y: y + ascent + step * index, width });
      }
    },
  };
}

function inkOf({ ctx }: Pen, lines: readonly string[], size: number, style: TextStyle) {
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  setFace(ctx, style, size, first);
  const ascent = ctx.measureText(first).actualBoundingBoxAscent;
  setFace(ctx, style, size, last);
  const descent = ctx.measureText(last).actualBoundingBoxDescent;
  return { ascent: Math.max(CAP_HEIGHT * size, ascent), descent: Math.max(DESCENT * size, descent) };
}

function drawLine(
  { ctx, rtl }: Pen,
  line: string,
  size: number,
  style: TextStyle,
  at: { x: number; y: number; width: number },
): void {
  setFace(ctx, style, size, line);
  ctx.fillStyle = style.colour;
  if (style.align === 'centre') {
    ctx.textAlign = 'center';
    ctx.fillText(line, at.x + at.width / 2, at.y);
  } else {
    ctx.textAlign = rtl ? 'right' : 'left';
    ctx.fillText(line, rtl ? at.x + at.width : at.x, at.y);
  }
}
