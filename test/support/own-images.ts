import { createCanvas } from '@napi-rs/canvas';

/** Small images as people send them: `turned` lies on its side and says so in its EXIF. */
export type OwnImage = 'jpeg' | 'png' | 'webp' | 'turned' | 'tiny';

const QUALITY = 90;
const EDGE = 18;

/** Upper half red, lower half blue, and white at its edges: it shows which way up it is; 400x300 pixels, `tiny` 64x64. */
export async function ownImage(kind: OwnImage): Promise<Buffer> {
  const [width, height] = kind === 'tiny' ? [64, 64] : [400, 300];
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  ctx.fillStyle = '#e02020';
  ctx.fillRect(0, 0, width, height / 2);
  ctx.fillStyle = '#2040e0';
  ctx.fillRect(0, height / 2, width, height / 2);
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 2 * EDGE;
  ctx.strokeRect(0, 0, width, height);
  if (kind === 'webp') return canvas.encode('webp', QUALITY);
  if (kind === 'jpeg') return canvas.encode('jpeg', QUALITY);
  return kind === 'turned' ? turned(await canvas.encode('jpeg', QUALITY)) : canvas.encode('png');
}

/** A quarter turn clockwise is needed: EXIF orientation 6, in a segment right after the start of the image. */
function turned(jpeg: Buffer): Buffer {
  const entry = Buffer.from('01120003000000010006000000000000', 'hex');
  const tiff = Buffer.concat([Buffer.from('4d4d002a00000008', 'hex'), Buffer.from('0001', 'hex'), entry]);
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from('ffe10000', 'hex');
  head.writeUInt16BE(exif.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}
