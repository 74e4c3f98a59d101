import type { Card } from '../../domain/results.ts';
import { column, drawCentred } from './block.ts';
import { type Box, inset, isTall, safeArea } from './frame.ts';
import { fillCircle, fillRounded, gapAfter, kicker, strokeRounded } from './ornaments.ts';
import { TEXT, withAlpha } from './palette.ts';
import type { Pen } from './pen.ts';
import { LOOKS, textBlock } from './text-block.ts';

/** Two panels against each other: one of glass, one in the accent colour. */
export function drawComparisonCard(pen: Pen, card: Card): void {
  const box = safeArea(pen.frame);
  const { unit } = pen;
  const top = kicker(pen, card.kicker, box.width * 0.9, 'centre');
  const title = textBlock(pen, card.title, { width: box.width, height: box.height * 0.26 }, LOOKS.heading, {
    size: 76,
    maxLines: 3,
    align: 'centre',
  });
  const head = column([top, gapAfter(top, 26 * unit), title]);
  head.draw(box.x, box.y, box.width);
  const used = head.height + 56 * unit;
  const panels = { ...box, y: box.y + used, height: box.height - used };
  const [first, second] = isTall(pen.frame) ? stacked(panels, unit) : beside(panels, pen);
  drawGlassPanel(pen, card.left ?? '', first);
  drawAccentPanel(pen, card.right ?? '', second);
  drawBadge(pen, panels);
}

function beside(box: Box, { rtl, unit }: Pen): [Box, Box] {
  const width = (box.width - 32 * unit) / 2;
  const left = { ...box, width };
  const right = { ...box, x: box.x + box.width - width, width };
  return rtl ? [right, left] : [left, right];
}

function stacked(box: Box, unit: number): [Box, Box] {
  const height = (box.height - 32 * unit) / 2;
  return [
    { ...box, height },
    { ...box, y: box.y + box.height - height, height },
  ];
}

function drawGlassPanel(pen: Pen, text: string, box: Box): void {
  const { ctx, unit } = pen;
  ctx.fillStyle = withAlpha(pen.palette.deep, 0.5);
  fillRounded(pen, box, 32 * unit);
  ctx.strokeStyle = withAlpha(TEXT, 0.3);
  ctx.lineWidth = 3 * unit;
  strokeRounded(pen, inset(box, 1.5 * unit), 31 * unit);
  drawPanelText(pen, text, box, TEXT);
}

function drawAccentPanel(pen: Pen, text: string, box: Box): void {
  const { ctx, palette, unit } = pen;
  ctx.fillStyle = palette.accent;
  fillRounded(pen, box, 32 * unit);
  drawPanelText(pen, text, box, palette.deep);
}

function drawPanelText(pen: Pen, text: string, box: Box, colour: string): void {
  const room = inset(box, Math.min(72 * pen.unit, box.width * 0.15));
  drawCentred(textBlock(pen, text, room, LOOKS.lead, { colour, align: 'centre' }), room);
}

/** Two arrows that point away from each other, where the panels meet. */
function drawBadge(pen: Pen, box: Box): void {
  const { ctx, palette, unit } = pen;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  ctx.fillStyle = palette.deep;
  fillCircle(pen, x, y, 54 * unit);
  ctx.fillStyle = palette.accent2;
  fillCircle(pen, x, y, 44 * unit);
  ctx.strokeStyle = palette.deep;
  ctx.lineWidth = 7 * unit;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.save();
  ctx.translate(x, y);
  if (isTall(pen.frame)) ctx.rotate(Math.PI / 2);
  for (const side of [-1, 1]) {
    ctx.beginPath();
    ctx.moveTo(side * 10 * unit, -13 * unit);
    ctx.lineTo(side * 23 * unit, 0);
    ctx.lineTo(side * 10 * unit, 13 * unit);
    ctx.stroke();
  }
  ctx.restore();
}
