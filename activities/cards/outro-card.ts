import type { Card } from '../../domain/results.ts';
import { type Block, column, drawCentred } from './block.ts';
import { type Box, inset, safeArea } from './frame.ts';
import { bar, gapAfter, kicker } from './ornaments.ts';
import { MUTED } from './palette.ts';
import type { Pen } from './pen.ts';
import { LOOKS, textBlock } from './text-block.ts';

/** End of a video: a centred closing line inside four corners. */
export function drawOutroCard(pen: Pen, card: Card): void {
  const box = safeArea(pen.frame);
  const { unit } = pen;
  drawCorners(pen, inset(box, 4 * unit));
  const inner = inset(box, 84 * unit);
  const top = kicker(pen, card.kicker, inner.width, 'centre');
  const caption = card.caption
    ? textBlock(pen, card.caption, { width: inner.width * 0.9, height: inner.height * 0.28 }, LOOKS.body, {
        colour: MUTED,
        align: 'centre',
      })
    : null;
  const height = inner.height - (top?.height ?? 0) - (caption?.height ?? 0) - 260 * unit;
  const title = textBlock(pen, card.title, { width: inner.width, height }, LOOKS.display, {
    size: 112,
    minSize: 44,
    align: 'centre',
  });
  const parts = [tick(pen), 40 * unit, top, gapAfter(top, 32 * unit), title, 42 * unit, bar(pen, 'centre')];
  drawCentred(column([...parts, gapAfter(caption, 38 * unit), caption]), inner);
}

function drawCorners({ ctx, palette, unit }: Pen, box: Box): void {
  const arm = 92 * unit;
  ctx.strokeStyle = palette.accent;
  ctx.lineWidth = 8 * unit;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  for (const [x, inX] of [[box.x, 1] as const, [box.x + box.width, -1] as const]) {
    for (const [y, inY] of [[box.y, 1] as const, [box.y + box.height, -1] as const]) {
      ctx.beginPath();
      ctx.moveTo(x + inX * arm, y);
      ctx.lineTo(x, y);
      ctx.lineTo(x, y + inY * arm);
      ctx.stroke();
    }
  }
}

/** A tick in a ring: the end is reached. */
function tick({ ctx, palette, unit }: Pen): Block {
  const radius = 42 * unit;
  return {
    height: 2 * radius,
    draw(x, y, width) {
      const [midX, midY] = [x + width / 2, y + radius];
      ctx.strokeStyle = palette.accent2;
      ctx.lineWidth = 6 * unit;
      ctx.lineCap = 'round';
      ctx.lineJoin = 'round';
      ctx.beginPath();
      ctx.arc(midX, midY, radius - 3 * unit, 0, Math.PI * 2);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(midX - 18 * unit, midY + 1 * unit);
      ctx.lineTo(midX - 5 * unit, midY + 14 * unit);
      ctx.lineTo(midX + 19 * unit, midY - 13 * unit);
      ctx.stroke();
    },
  };
}
