import type { Card } from '../../domain/results.ts';
import { type Block, column } from './block.ts';
import { type Box, isWide, safeArea } from './frame.ts';
import { bar, gapAfter, kicker } from './ornaments.ts';
import { type OverlaySpec, openSheet } from './overlay.ts';
import { MUTED } from './palette.ts';
import type { Pen } from './pen.ts';
import { LOOKS, textBlock } from './text-block.ts';

/** The band may reach this share of the height below the words' area: captions start lower still. */
const BELOW = 0.02;
/** White on it reads at more than 4.5:1 even over a white picture. */
const SCRIM = 'rgba(6, 9, 16, 0.76)';
const CLEAR = 'rgba(6, 9, 16, 0)';
/** Share of the frame's width that words take when it is wide. */
const COLUMN = 0.58;

/**
 * PNG of a scene's words for clips of any colour: a lower third on a soft dark band, as large as the frame; what
 * belongs to the captions stays empty.
 */
export function drawFootageOverlay({ card, topic, language, frame }: OverlaySpec): Promise<Buffer> {
  const { canvas, pen } = openSheet({ topic, language, frame });
  const box = wordsBox(pen);
  const words = wordsOf(pen, card, box);
  const place = { ...box, y: box.y + box.height - words.height, height: words.height };
  paintScrim(pen, place);
  words.draw(place.x, place.y, place.width);
  return canvas.encode('png');
}

/** Where the words may stand: at the side where reading starts, down to just above the captions. */
function wordsBox({ frame, rtl, unit }: Pen): Box {
  const safe = safeArea(frame);
  const width = isWide(frame) ? frame.width * COLUMN : safe.width;
  const height = safe.height * 0.62;
  const bottom = safe.y + safe.height - 44 * unit;
  return { x: rtl ? safe.x + safe.width - width : safe.x, y: bottom - height, width, height };
}

function wordsOf(pen: Pen, card: Card, box: Box): Block {
  const { unit } = pen;
  const { main, below } = saidBy(card);
  const top = kicker(pen, card.kicker, box.width);
  const opening = card.kind === 'title' || card.kind === 'outro';
  const size = card.figure !== undefined ? 128 : opening ? 92 : 66;
  const room = { width: box.width, height: box.height * 0.62 };
  const title = textBlock(pen, main, room, LOOKS.heading, { size, minSize: 36, maxLines: opening ? 3 : 4 });
  const more = below
    ? textBlock(pen, below, { width: box.width, height: box.height * 0.24 }, LOOKS.body, {
        ...{ size: 36, minSize: 28, maxLines: 2, colour: MUTED },
      })
    : null;
  return column([
    top,
    gapAfter(top, 22 * unit),
    title,
    26 * unit,
    bar(pen, 'start', 120),
    gapAfter(more, 26 * unit),
    more,
  ]);
}

/** The words that matter most on a card, and the line below them. */
function saidBy(card: Card): { main: string; below: string | undefined } {
  if (card.figure !== undefined) return { main: card.figure, below: card.caption ?? card.title };
  if (card.quote !== undefined) return { main: `“${card.quote}”`, below: card.caption };
  if (card.left !== undefined && card.right !== undefined) {
    return { main: card.title, below: `${card.left} · ${card.right}` };
  }
  return { main: card.title, below: card.caption };
}

/** A dark band behind the words, soft on all sides, that starts beyond the edge of the frame. */
function paintScrim({ ctx, frame, rtl, unit }: Pen, words: Box): void {
  const [soft, side] = [70 * unit, 220 * unit];
  const safe = safeArea(frame);
  const floor = safe.y + safe.height + BELOW * frame.height;
  const inner = rtl ? words.x : words.x + words.width;
  const outer = rtl ? inner - side : inner + side;
  const across = ctx.createLinearGradient(inner, 0, outer, 0);
  across.addColorStop(0, SCRIM);
  across.addColorStop(1, CLEAR);
  ctx.fillStyle = across;
  const top = words.y - soft;
  const bottom = Math.min(floor, words.y + words.height + soft);
  ctx.fillRect(0, top, frame.width, bottom - top);
  // Its upper and lower edges are rubbed out softly.
  ctx.globalCompositeOperation = 'destination-in';
  const down = ctx.createLinearGradient(0, top, 0, bottom);
  const height = bottom - top;
  for (const [at, alpha] of [
    [0, 0],
    [(words.y - 12 * unit - top) / height, 1],
    [(words.y + words.height + 8 * unit - top) / height, 1],
    [1, 0],
  ] as const) {
    down.addColorStop(Math.min(1, at), `rgba(0, 0, 0, ${alpha})`);
  }
  ctx.fillStyle = down;
  ctx.fillRect(0, 0, frame.width, frame.height);
  ctx.globalCompositeOperation = 'source-over';
}
