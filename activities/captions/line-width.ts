import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { FONT_STACK, registerFonts } from '../../infra/text/fonts.ts';

/** libass takes a size as the font's whole height; this share of it is one em in Inter. */
const EM_SHARE = 2048 / (1984 + 494);

let measuring: SKRSContext2D | undefined;

/** Pixels that libass needs for a line of that size. */
export function lineWidth(text: string, size: number, bold: boolean): number {
  measuring ??= openCanvas();
  measuring.font = `${bold ? 700 : 400} ${size * EM_SHARE}px ${FONT_STACK}`;
  return measuring.measureText(text).width;
}

function openCanvas(): SKRSContext2D {
  registerFonts();
  return createCanvas(1, 1).getContext('2d');
}
