import { createCanvas, type Image } from '@napi-rs/canvas';
import type { ScriptResult } from '../domain/results.ts';
import { OVERSCAN, paintBackground } from './cards/background.ts';
import { column, drawCentred } from './cards/block.ts';
import { bar } from './cards/ornaments.ts';
import { openSheet } from './cards/overlay.ts';
import type { Pen } from './cards/pen.ts';
import { LOOKS, textBlock } from './cards/text-block.ts';

/** Size of every thumbnail, whatever the video's shape. */
export const THUMBNAIL = { width: 1280, height: 720 };
/** About 150 kB; the upload takes at most 2 MB. */
const JPEG_QUALITY = 88;
/** Free on every side; below, players show the video's length. */
const MARGIN = { x: 72, top: 56, bottom: 84 };
/** Its letters are still 14 pixels high where the picture is 320 wide, unless the title is very long. */
const TITLE = { size: 250, minSize: 84, maxLines: 5, lineHeight: 1.04 };

/**
 * The picture by which a video is found: its title as large as fits, as JPEG, over a frame of it where it has one,
 * else over a background of its cards.
 */
export function drawThumbnail(
  { title, language }: ScriptResult,
  photo: Image | null = null,
): Promise<Buffer> {
  const { width, height } = THUMBNAIL;
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  const sheet = openSheet({ topic: title, language, frame: THUMBNAIL });
  if (photo) {
    ctx.drawImage(photo, 0, 0, width, height);
    darken(ctx, sheet.pen.rtl);
  } else {
    const margin = (OVERSCAN - 1) / 2;
    ctx.drawImage(
      paintBackground({ topic: title, scene: 0, frame: THUMBNAIL }),
      -width * margin,
      -height * margin,
    );
  }
  writeTitle(sheet.pen, title);
  ctx.drawImage(sheet.canvas, 0, 0);
  return canvas.encode('jpeg', JPEG_QUALITY);
}

/** White reads on it where the words begin, and the picture shows where they end. */
function darken(ctx: Pen['ctx'], rtl: boolean): void {
  const { width, height } = THUMBNAIL;
  const across = ctx.createLinearGradient(rtl ? width : 0, 0, rtl ? 0 : width, 0);
  across.addColorStop(0, 'rgba(6, 9, 16, 0.82)');
  across.addColorStop(0.6, 'rgba(6, 9, 16, 0.62)');
  across.addColorStop(1, 'rgba(6, 9, 16, 0.38)');
  ctx.fillStyle = across;
  ctx.fillRect(0, 0, width, height);
}

function writeTitle(pen: Pen, title: string): void {
  const box = {
    x: MARGIN.x,
    y: MARGIN.top,
    width: THUMBNAIL.width - 2 * MARGIN.x,
    height: THUMBNAIL.height - MARGIN.top - MARGIN.bottom,
  };
  const room = { width: box.width, height: box.height - 50 };
  pen.ctx.shadowColor = 'rgba(0, 0, 0, 0.6)';
  pen.ctx.shadowBlur = 18;
  drawCentred(column([textBlock(pen, title, room, LOOKS.display, TITLE), 36, bar(pen, 'start', 190)]), box);
}
