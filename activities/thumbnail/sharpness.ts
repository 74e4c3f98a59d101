import { createCanvas, type Image } from '@napi-rs/canvas';

const SIZE = { width: 320, height: 180 };
/** Mean brightness, of 255, outside of which a picture says nothing. */
const BRIGHTNESS = { least: 25, most: 230 };

/**
 * How much detail a picture has at the size of a thumbnail in a list: the variance of its Laplacian; 0 for one that
 * is nearly black or white.
 */
export function sharpnessOf(picture: Image): number {
  const { width, height } = SIZE;
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  ctx.drawImage(picture, 0, 0, width, height);
  const light = lightOf(ctx.getImageData(0, 0, width, height).data);
  const brightness = meanOf(light);
  if (brightness < BRIGHTNESS.least || brightness > BRIGHTNESS.most) return 0;
  const edges: number[] = [];
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) edges.push(laplacianAt(light, y * width + x, width));
  }
  const mean = meanOf(edges);
  return meanOf(edges.map((edge) => (edge - mean) ** 2));
}

function lightOf(rgba: Uint8ClampedArray): number[] {
  return Array.from({ length: rgba.length / 4 }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(4 * i, 4 * i + 3);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
}

function laplacianAt(light: readonly number[], at: number, width: number): number {
  const [up, down, left, right] = [light[at - width], light[at + width], light[at - 1], light[at + 1]];
  return (up ?? 0) + (down ?? 0) + (left ?? 0) + (right ?? 0) - 4 * (light[at] ?? 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
