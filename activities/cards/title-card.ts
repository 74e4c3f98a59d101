import type { Card } from '../../domain/results.ts';
import { column, drawCentred } from './block.ts';
import { safeArea } from './frame.ts';
import { bar, gapAfter, kicker } from './ornaments.ts';
import { MUTED } from './palette.ts';
import type { Pen } from './pen.ts';
import { LOOKS, textBlock } from './text-block.ts';

/** Opening of a video: the largest words of all, from the edge where reading starts. */
export function drawTitleCard(pen: Pen, card: Card): void {
  const box = safeArea(pen.frame);
  const { unit } = pen;
  const top = kicker(pen, card.kicker, box.width);
  const caption = card.caption
    ? textBlock(pen, card.caption, { width: box.width * 0.86, height: box.height * 0.24 }, LOOKS.body, {
        colour: MUTED,
      })
    : null;
  const height = box.height - (top?.height ?? 0) - (caption?.height ?? 0) - 160 * unit;
  const title = textBlock(pen, card.title, { width: box.width, height }, LOOKS.display);
  drawCentred(
    column([
      top,
      gapAfter(top, 38 * unit),
      title,
      46 * unit,
      bar(pen, 'start', 190),
      gapAfter(caption, 42 * unit),
      caption,
    ]),
    box,
  );
}
