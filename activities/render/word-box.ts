import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { Box } from '../cards/frame.ts';

const ALPHA = 3;
const CHANNELS = 4;

/**
 * The part of a picture that anything is painted on, with even borders, since colours have half the resolution: what is
 * laid over each frame of a scene costs by its size, and most of a sheet of words is empty. A pair of pixels for an
 * empty one.
 */
export async function wordBox(path: string): Promise<Box> {
  const image = await loadImage(path);
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (data[(y * width + x) * CHANNELS + ALPHA] === 0) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (top > y) top = y;
      bottom = y + 1;
    }
  }
  if (right === 0) return { x: 0, y: 0, width: 2, height: 2 };
  const even = (value: number) => 2 * Math.floor(value / 2);
  const [x, y] = [even(left), even(top)];
  return { x, y, width: even(right - x + 1), height: even(bottom - y + 1) };
}
