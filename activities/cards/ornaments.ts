import type { Block } from './block.ts';
import { hasCursiveScript } from './direction.ts';
import type { Box } from './frame.ts';
import type { Pen } from './pen.ts';
import { type Align, LOOKS, textBlock } from './text-block.ts';

/** The accent bar below a title. */
export function bar(pen: Pen, align: Align = 'start', length = 150): Block {
  const { ctx, palette, rtl, unit } = pen;
  const [across, height] = [length * unit, 10 * unit];
  return {
    height,
    draw(x, y, width) {
      const start = rtl ? x + width - across : x;
      const left = align === 'centre' ? x + (width - across) / 2 : start;
      const gradient = ctx.createLinearGradient(left, y, left + across, y);
      gradient.addColorStop(0, rtl ? palette.accent2 : palette.accent);
      gradient.addColorStop(1, rtl ? palette.accent : palette.accent2);
      ctx.fillStyle = gradient;
      fillRounded(pen, { x: left, y, width: across, height }, height / 2);
    },
  };
}

/** The small line above a title, in spaced capitals; null when there is nothing to say. */
export function kicker(pen: Pen, text: string, width: number, align: Align = 'start'): Block | null {
  if (text.trim() === '') return null;
  const cursive = hasCursiveScript(text);
  const room = { width, height: 60 * pen.unit };
  return textBlock(pen, cursive ? text : text.toLocaleUpperCase('en'), room, LOOKS.kicker, {
    ...(cursive && { size: 38 }),
    colour: pen.palette.accent,
    align,
  });
}

/** The gap that belongs to a block, or nothing when the block is missing. */
export function gapAfter(block: Block | null, gap: number): number {
  return block ? gap : 0;
}

export function fillRounded({ ctx }: Pen, box: Box, radius: number): void {
  ctx.beginPath();
  ctx.roundRect(box.x, box.y, box.width, box.height, radius);
  ctx.fill();
}

export function strokeRounded({ ctx }: Pen, box: Box, radius: number): void {
  ctx.beginPath();
  ctx.roundRect(box.x, box.y, box.width, box.height, radius);
  ctx.stroke();
}

export function fillCircle({ ctx }: Pen, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, Math.PI * 2);
  ctx.fill();
}
