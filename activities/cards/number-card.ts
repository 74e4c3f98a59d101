import type { Card } from '../../domain/results.ts';
import { type Block, column, drawCentred } from './block.ts';
import { type Box, safeArea } from './frame.ts';
import { gapAfter, kicker } from './ornaments.ts';
import { MUTED, TEXT, withAlpha } from './palette.ts';
import type { Pen } from './pen.ts';
import { LOOKS, textBlock } from './text-block.ts';

/** One figure that fills the frame, and below a line what it means. */
export function drawNumberCard(pen: Pen, card: Card): void {
  const box = safeArea(pen.frame);
  const { unit } = pen;
  const top = kicker(pen, card.kicker, box.width * 0.8, 'centre');
  const shown = figure(pen, card.figure ?? card.title, box);
  const title = card.figure
    ? textBlock(pen, card.title, { width: box.width * 0.84, height: box.height * 0.26 }, LOOKS.heading, {
        size: 66,
        minSize: 36,
        maxLines: 3,
        align: 'centre',
      })
    : null;
  const caption = card.caption
    ? textBlock(pen, card.caption, { width: box.width * 0.76, height: box.height * 0.2 }, LOOKS.body, {
        size: 40,
        colour: MUTED,
        align: 'centre',
      })
    : null;
  const parts = [
    top,
    gapAfter(top, 44 * unit),
    shown,
    48 * unit,
    rule(pen),
    gapAfter(title, 48 * unit),
    title,
  ];
  drawCentred(column([...parts, gapAfter(caption, 34 * unit), caption]), box);
}

function figure(pen: Pen, text: string, box: Box): Block {
  const gradient = pen.ctx.createLinearGradient(box.x, 0, box.x + box.width, 0);
  gradient.addColorStop(0.1, pen.palette.accent);
  gradient.addColorStop(0.9, pen.palette.accent2);
  const look = {
    ...LOOKS.display,
    size: 360,
    lineHeight: 1.02,
    tracking: -0.035,
    align: 'centre',
    colour: gradient,
  } as const;
  const room = { width: box.width, height: box.height * 0.5 };
  const oneLine = textBlock(pen, text, room, look, { maxLines: 1, minSize: 130 });
  return oneLine.cut ? textBlock(pen, text, room, look, { maxLines: 3, minSize: 64 }) : oneLine;
}

/** A thin line across, with a bright middle. */
function rule({ ctx, palette, unit }: Pen): Block {
  return {
    height: 4 * unit,
    draw(x, y, width) {
      const gradient = ctx.createLinearGradient(x, 0, x + width, 0);
      gradient.addColorStop(0.1, withAlpha(TEXT, 0));
      gradient.addColorStop(0.5, palette.accent2);
      gradient.addColorStop(0.9, withAlpha(TEXT, 0));
      ctx.fillStyle = gradient;
      ctx.fillRect(x, y, width, 4 * unit);
    },
  };
}
