import { open } from 'node:fs/promises';
import { imageSizeIn } from './image-size.ts';
import { formatOf, kindOf, MAGIC_BYTES, type MediaFormat, type MediaKind } from './media-type.ts';
import { movieSizeIn } from './movie-size.ts';
import { MediaRefused } from './refused.ts';

/** What a file says of itself: enough to accept it. Whether it can be decoded is found where it is used. */
export interface MediaFacts {
  kind: MediaKind;
  format: MediaFormat;
  /** As seen, after rotation. */
  width: number;
  height: number;
  /** Null for an image. */
  durationMs: number | null;
  /** Of an image, see ImageSize. */
  orientation: number;
}

/** The head of an image states its size within these, whatever profiles and previews stand before. */
const HEAD_BYTES = 4 * 1024 ** 2;
const MIN_SIDE_PX = 160;
/** Cameras make images of 100 megapixels, but videos of 4K at most. */
const MAX_SIDE_PX: Record<MediaKind, number> = { clip: 4096, image: 12_000 };
const CLIP_MS = { least: 1_000, most: 3_600_000 };

/** Looks at a file's first bytes, size and length. Throws MediaRefused for what cannot be shown. */
export async function factsOfMedia(path: string): Promise<MediaFacts> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, HEAD_BYTES)), 0);
    const head = buffer.subarray(0, bytesRead);
    const format = formatOf(head.subarray(0, MAGIC_BYTES));
    if (format === null) throw new MediaRefused('is none of MP4, MOV, JPEG, PNG and WebP');
    const facts = format === 'mp4' || format === 'mov' ? await movie(file, size) : image(head, format);
    return within({ kind: kindOf(format), format, ...facts });
  } finally {
    await file.close();
  }
}

async function movie(file: Parameters<typeof movieSizeIn>[0], bytes: number) {
  return { ...(await movieSizeIn(file, bytes)), orientation: 1 };
}

function image(head: Buffer, format: Parameters<typeof imageSizeIn>[1]) {
  const { width, height, orientation } = imageSizeIn(head, format);
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  return { ...size, durationMs: null, orientation };
}

function within(facts: MediaFacts): MediaFacts {
  const { kind, width, height, durationMs } = facts;
  const most = MAX_SIDE_PX[kind];
  if (Math.min(width, height) < MIN_SIDE_PX || Math.max(width, height) > most) {
    throw new MediaRefused(`is ${width}x${height} pixels; sides of ${MIN_SIDE_PX} to ${most} are taken`);
  }
  if (durationMs !== null && (durationMs < CLIP_MS.least || durationMs > CLIP_MS.most)) {
    throw new MediaRefused(`is ${durationMs} ms long; clips of a second to an hour are taken`);
  }
  return facts;
}
