import type { Card } from '../../domain/results.ts';
import { type Block, column, drawCentred } from './block.ts';
import { type Box, isWide, type Size, safeArea } from './frame.ts';
import { bar, fillRounded, gapAfter, kicker } from './ornaments.ts';
import { TEXT, withAlpha } from './palette.ts';
import { type Pen, setFace } from './pen.ts';
import { LOOKS, type TextBlock, textBlock } from './text-block.ts';

const MAX_BULLETS = 6;
const SIZES = [50, 46, 42, 38, 34, 31];
const SMALLEST = 28;
const CHIP = { weight: 800, tracking: 0 } as const;

/** Title beside its points on a wide frame, above them on a narrow one. */
export function drawBulletsCard(pen: Pen, card: Card): void {
  const box = safeArea(pen.frame);
  const points = (card.bullets ?? []).slice(0, MAX_BULLETS);
  if (isWide(pen.frame)) {
    const [near, far] = split(box, pen.rtl);
    drawCentred(head(pen, card, near), near);
    drawCentred(list(pen, points, far), far);
    return;
  }
  const top = head(pen, card, { ...box, height: box.height * 0.36 });
  const rest = { ...box, height: box.height - top.height - 64 * pen.unit };
  drawCentred(column([top, 64 * pen.unit, list(pen, points, rest)]), box);
}

function split(box: Box, rtl: boolean): [Box, Box] {
  const near = { ...box, width: box.width * 0.38 };
  const far = { ...box, x: box.x + box.width * 0.45, width: box.width * 0.55 };
  if (!rtl) return [near, far];
  return [
    { ...near, x: box.x + box.width * 0.62 },
    { ...far, x: box.x },
  ];
}

function head(pen: Pen, card: Card, box: Box): Block {
  const { unit } = pen;
  const top = kicker(pen, card.kicker, box.width);
  const height = box.height - (top?.height ?? 0) - 84 * unit;
  const title = textBlock(pen, card.title, { width: box.width, height }, LOOKS.heading, { maxLines: 6 });
  return column([top, gapAfter(top, 30 * unit), title, 36 * unit, bar(pen)]);
}

/** All points in one size: the largest in which every one fits whole, else the smallest. */
function list(pen: Pen, points: readonly string[], box: Box): Block {
  const gap = (points.length > 4 ? 16 : 24) * pen.unit;
  const room = (box.height - gap * (points.length - 1)) / Math.max(1, points.length);
  const measures = rowMeasures(pen, room);
  const texts = pointsThatFit(pen, points, { width: box.width, height: room }, measures);
  return column(
    texts.flatMap((text, index) => [
      ...(index === 0 ? [] : [gap]),
      bulletRow(pen, text, index + 1, measures),
    ]),
  );
}

function pointsThatFit(
  pen: Pen,
  points: readonly string[],
  row: Size,
  { indent, pad }: RowMeasures,
): TextBlock[] {
  const room = { width: row.width - indent - pad, height: row.height - 2 * pad };
  const inSize = (size: number) =>
    points.map((point) =>
      textBlock(pen, point, room, LOOKS.body, { size, minSize: size, maxLines: 3, lineHeight: 1.24 }),
    );
  for (const size of SIZES) {
    const texts = inSize(size);
    if (!texts.some(({ cut }) => cut)) return texts;
  }
  return inSize(SMALLEST);
}

interface RowMeasures {
  /** Space around a row's content. */
  pad: number;
  /** Side of the square with the number. */
  chip: number;
  /** From the row's edge to its text. */
  indent: number;
}

/** Rows are as high as their chip wants, and shrink with it where many of them share a low frame. */
function rowMeasures({ unit }: Pen, room: number): RowMeasures {
  const [pad, chip] = [20 * unit, 64 * unit];
  const shrink = Math.min(1, room / (chip + 2 * pad));
  return { pad: pad * shrink, chip: chip * shrink, indent: (pad + chip) * shrink + 28 * unit };
}

function bulletRow(pen: Pen, text: TextBlock, number: number, measures: RowMeasures): Block {
  const { ctx, unit, rtl } = pen;
  const { pad, chip, indent } = measures;
  const height = Math.max(chip, text.height) + 2 * pad;
  return {
    height,
    draw(x, y, width) {
      ctx.fillStyle = withAlpha(TEXT, 0.08);
      fillRounded(pen, { x, y, width, height }, 22 * unit);
      const chipX = rtl ? x + width - pad - chip : x + pad;
      drawChip(pen, String(number), { x: chipX, y: y + (height - chip) / 2, width: chip, height: chip });
      const textX = rtl ? x + pad : x + indent;
      text.draw(textX, y + (height - text.height) / 2 + 2 * unit, width - indent - pad);
    },
  };
}

function drawChip(pen: Pen, label: string, box: Box): void {
  const { ctx, palette } = pen;
  const size = box.height * 0.53;
  ctx.fillStyle = palette.accent;
  fillRounded(pen, box, box.height / 4);
  setFace(ctx, CHIP, size, label);
  ctx.textAlign = 'center';
  ctx.fillStyle = palette.deep;
  ctx.fillText(label, box.x + box.width / 2, box.y + box.height / 2 + size * 0.365);
}
