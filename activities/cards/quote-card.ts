import type { Card } from '../../domain/results.ts';
import { type Block, column, drawCentred } from './block.ts';
import { type Box, isWide, safeArea } from './frame.ts';
import { kicker } from './ornaments.ts';
import { MUTED } from './palette.ts';
import type { Pen } from './pen.ts';
import { LOOKS, textBlock } from './text-block.ts';

/** A sentence under a large quotation mark, with a line for whose or what it is. */
export function drawQuoteCard(pen: Pen, card: Card): void {
  const box = safeArea(pen.frame);
  const { unit } = pen;
  const indent = isWide(pen.frame) ? 330 * unit : 0;
  const room = { ...box, x: pen.rtl ? box.x : box.x + indent, width: box.width - indent };
  const mark = quotationMark(pen, indent > 0 ? 250 : 170);
  const above = indent > 0 ? 0 : mark.height + 52 * unit;
  const quote = textBlock(
    pen,
    card.quote ?? card.title,
    { width: room.width, height: box.height * 0.78 - above },
    LOOKS.lead,
    { size: 78 },
  );
  const source = attribution(pen, card, room);
  const words = column([quote, source ? 52 * unit : null, source]);
  if (indent === 0) {
    drawCentred(column([mark, 52 * unit, words]), box);
    return;
  }
  const top = box.y + (box.height - words.height) / 2;
  mark.draw(box.x, top, box.width);
  words.draw(room.x, top, room.width);
}

/** Two filled commas, drawn as shapes so that they look the same beside every script. */
function quotationMark(pen: Pen, width: number): Block {
  const { ctx, palette, rtl, unit } = pen;
  const [across, height] = [width * unit, width * 0.76 * unit];
  return {
    height,
    draw(x, y, room) {
      ctx.save();
      ctx.translate(rtl ? x + room : x, y);
      if (rtl) ctx.scale(-1, 1);
      ctx.fillStyle = palette.accent;
      drawComma(ctx, 0, across * 0.44, height);
      ctx.fillStyle = palette.accent2;
      drawComma(ctx, across * 0.56, across * 0.44, height);
      ctx.restore();
    },
  };
}

function drawComma(ctx: Pen['ctx'], x: number, width: number, height: number): void {
  const bowl = height - width;
  ctx.beginPath();
  ctx.roundRect(x, bowl, width, width, width * 0.24);
  ctx.fill();
  ctx.beginPath();
  ctx.moveTo(x, bowl + width * 0.4);
  ctx.quadraticCurveTo(x + width * 0.02, height * 0.08, x + width * 0.8, 0);
  ctx.lineTo(x + width * 0.94, width * 0.34);
  ctx.quadraticCurveTo(x + width * 0.52, width * 0.42, x + width * 0.5, bowl + width * 0.4);
  ctx.fill();
}

function attribution(pen: Pen, card: Card, room: Box): Block | null {
  const said = card.caption ?? (card.quote ? card.title : '');
  if (said === '') return kicker(pen, card.kicker, room.width);
  const { ctx, palette, rtl, unit } = pen;
  const [dash, indent] = [56 * unit, 84 * unit];
  const text = textBlock(
    pen,
    said,
    { width: room.width - indent, height: 120 * unit },
    { ...LOOKS.body, size: 38, maxLines: 2, colour: MUTED },
  );
  return {
    height: text.height,
    draw(x, y, width) {
      ctx.fillStyle = palette.accent;
      ctx.fillRect(rtl ? x + width - dash : x, y + 12 * unit, dash, 5 * unit);
      text.draw(rtl ? x : x + indent, y, width - indent);
    },
  };
}
