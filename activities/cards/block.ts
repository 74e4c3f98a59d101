import type { Box } from './frame.ts';

/** A piece of a card whose height is known before it is drawn at its place. */
export interface Block {
  height: number;
  draw(x: number, y: number, width: number): void;
}

/** Blocks below each other; a number is a gap in pixels. */
export function column(parts: readonly (Block | number | null)[]): Block {
  const present = parts.filter((part) => part !== null);
  const height = present.reduce<number>((sum, part) => sum + heightOf(part), 0);
  return {
    height,
    draw(x, y, width) {
      let top = y;
      for (const part of present) {
        if (typeof part !== 'number') part.draw(x, top, width);
        top += heightOf(part);
      }
    },
  };
}

/** Draws a block in a box, vertically centred. */
export function drawCentred(block: Block, box: Box): void {
  block.draw(box.x, box.y + (box.height - block.height) / 2, box.width);
}

function heightOf(part: Block | number): number {
  return typeof part === 'number' ? part : part.height;
}
