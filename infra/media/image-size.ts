import { orientationIn } from './exif.ts';
import type { MediaFormat } from './media-type.ts';
import { MediaRefused } from './refused.ts';

/** Pixels as stored, and how they are turned to be seen, as EXIF numbers it: 1 is upright, 5 to 8 lie on their side. */
export interface ImageSize {
  width: number;
  height: number;
  orientation: number;
}

/** The size that the head of an image states. Throws MediaRefused where it states none, or moves. */
export function imageSizeIn(head: Buffer, format: Exclude<MediaFormat, 'mp4' | 'mov'>): ImageSize {
  try {
    if (format === 'png') return upright(pngSize(head));
    return format === 'webp' ? upright(webpSize(head)) : jpegSize(head);
  } catch (error) {
    // Read beyond its end.
    if (error instanceof RangeError) throw new MediaRefused('ends before it says how large it is');
    throw error;
  }
}

type Size = Omit<ImageSize, 'orientation'>;

function upright(size: Size): ImageSize {
  return { ...size, orientation: 1 };
}

function pngSize(head: Buffer): Size {
  if (head.toString('latin1', 12, 16) !== 'IHDR') throw new MediaRefused('is no whole PNG');
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

const ANIMATED = 0x02;

function webpSize(head: Buffer): Size {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8X':
      if (head.readUInt8(20) & ANIMATED) throw new MediaRefused('is an animation; send it as MP4');
      return { width: 1 + head.readUIntLE(24, 3), height: 1 + head.readUIntLE(27, 3) };
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    default:
      throw new MediaRefused('is no whole WebP');
  }
}

const [APP1, START_OF_SCAN] = [0xe1, 0xda];
/** Between the markers of frames; they define tables. */
const NO_FRAME = [0xc4, 0xc8, 0xcc];

/** Walks over the segments up to the one that states the frame. */
function jpegSize(head: Buffer): ImageSize {
  let orientation = 1;
  for (let at = 2; ; ) {
    if (head.readUInt8(at) !== 0xff) throw new MediaRefused('is no whole JPEG');
    const marker = head.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === START_OF_SCAN) throw new MediaRefused('is no whole JPEG');
    const length = head.readUInt16BE(at + 2);
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.includes(marker)) {
      return { width: head.readUInt16BE(at + 7), height: head.readUInt16BE(at + 5), orientation };
    }
    if (marker === APP1) orientation = orientationIn(head.subarray(at + 4, at + 2 + length)) ?? orientation;
    at += 2 + length;
  }
}
