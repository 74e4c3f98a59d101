import type { FileHandle } from 'node:fs/promises';
import { MediaRefused } from './refused.ts';

/** What the index of an MP4 or MOV states of its picture, as seen after rotation. */
export interface MovieSize {
  width: number;
  height: number;
  durationMs: number;
}

interface Box {
  type: string;
  /** Of what is in it. */
  start: number;
  end: number;
}

/** An index of several hours is below this. */
const MAX_INDEX_BYTES = 16 * 1024 ** 2;
const MAX_BOXES = 1000;

/** Reads the index of a movie, and nothing else of it. Throws MediaRefused where it has none, or no picture. */
export async function movieSizeIn(file: FileHandle, bytes: number): Promise<MovieSize> {
  const index = await readIndex(file, bytes);
  try {
    for (const { type, start, end } of boxesIn(index, 0, index.length)) {
      if (type !== 'trak') continue;
      const size = pictureIn(index, start, end);
      if (size) return size;
    }
  } catch (error) {
    // A box that says it is longer than what holds it.
    if (error instanceof RangeError) throw new MediaRefused('has a broken index');
    throw error;
  }
  throw new MediaRefused('has no picture');
}

async function readIndex(file: FileHandle, bytes: number): Promise<Buffer> {
  const header = Buffer.alloc(16);
  for (let at = 0, seen = 0; at + 8 <= bytes && seen < MAX_BOXES; seen += 1) {
    await file.read(header, 0, header.length, at);
    const short = header.readUInt32BE(0);
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short === 0 ? bytes - at : short;
    if (header.toString('latin1', 4, 8) === 'moov') return readBox(file, at + 8, size - 8, bytes);
    if (size < 8) break;
    at += size;
  }
  throw new MediaRefused('has no index: it is cut off, or no video');
}

async function readBox(file: FileHandle, at: number, length: number, bytes: number): Promise<Buffer> {
  if (length < 8 || length > MAX_INDEX_BYTES || at + length > bytes)
    throw new MediaRefused('has a broken index');
  const index = Buffer.alloc(length);
  await file.read(index, 0, length, at);
  return index;
}

function* boxesIn(index: Buffer, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end; ) {
    const size = index.readUInt32BE(at);
    if (size < 8 || at + size > end) throw new MediaRefused('has a broken index');
    yield { type: index.toString('latin1', at + 4, at + 8), start: at + 8, end: at + size };
    at += size;
  }
}

function find(index: Buffer, { start, end }: Pick<Box, 'start' | 'end'>, type: string): Box | undefined {
  return [...boxesIn(index, start, end)].find((box) => box.type === type);
}

/** The size of a track that is a picture; null for sound and others. */
function pictureIn(index: Buffer, start: number, end: number): MovieSize | null {
  const media = find(index, { start, end }, 'mdia');
  const handler = media && find(index, media, 'hdlr');
  if (!media || !handler || index.toString('latin1', handler.start + 8, handler.start + 12) !== 'vide')
    return null;
  const [shown, length] = [find(index, { start, end }, 'tkhd'), find(index, media, 'mdhd')];
  if (!shown || !length) throw new MediaRefused('has a broken index');
  return { ...shownSize(index, shown), durationMs: durationMs(index, length) };
}

/** Whole pixels of 16.16 numbers at the end of the header; a matrix without a diagonal lays the picture on its side. */
function shownSize(index: Buffer, { end }: Box): { width: number; height: number } {
  const [width, height] = [index.readUInt16BE(end - 8), index.readUInt16BE(end - 4)];
  const lies = index.readInt32BE(end - 44) === 0 && index.readInt32BE(end - 28) === 0;
  return lies ? { width: height, height: width } : { width, height };
}

function durationMs(index: Buffer, { start }: Box): number {
  const long = index.readUInt8(start) === 1;
  const scale = index.readUInt32BE(start + (long ? 20 : 12));
  const length = long ? Number(index.readBigUInt64BE(start + 24)) : index.readUInt32BE(start + 16);
  return scale === 0 ? 0 : Math.floor((length / scale) * 1000);
}
