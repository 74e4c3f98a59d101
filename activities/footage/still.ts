import { FRAME_RATE } from '../../domain/video.ts';
import type { MediaFile } from '../../infra/media/rows.ts';
import { runChild } from '../child.ts';
import { FILL_SCALE, fillsFrame } from '../render/clip-filters.ts';
import type { Frame } from '../render/segment-args.ts';
import type { ClipFacts } from './inspect.ts';

/** Twice the frame's size: the zoom goes in steps of half a pixel, which nobody sees. */
const OVERSIZE = 2;
/** Any scene is shorter. */
const AS_LONG_AS_NEEDED_MS = 3_600_000;
const TIMEOUT_MS = 20_000;
/** Enough for 144 megapixels and its copy. */
const MEMORY_BYTES = 3 * 1024 ** 3;
const MAX_PIXELS = 12_000 ** 2;

const DEMUXER = { jpeg: 'jpeg_pipe', png: 'png_pipe', webp: 'webp_pipe', mp4: 'mov', mov: 'mov' } as const;

/** By EXIF's number: what brings the image upright. */
const UPRIGHT: Record<number, string[]> = {
  2: ['hflip'],
  3: ['hflip', 'vflip'],
  4: ['vflip'],
  5: ['transpose=cclock_flip'],
  6: ['transpose=clock'],
  7: ['transpose=clock_flip'],
  8: ['transpose=cclock'],
};

/**
 * Writes a sent image as a JPEG of the frame's shape, twice its size: upright, on black where it is transparent, and
 * whole over a blurred fill where its shape is another. Throws a StageError `process_failed` where it cannot be read.
 */
export async function makeStill(
  ffmpeg: string,
  { path, media, frame, output }: { path: string; media: MediaFile; frame: Frame; output: string },
  signal: AbortSignal,
): Promise<ClipFacts> {
  const size = { width: OVERSIZE * frame.width, height: OVERSIZE * frame.height };
  const input = ['-protocol_whitelist', 'file,pipe', '-max_pixels', String(MAX_PIXELS), '-noautorotate'];
  const filters = stillFilters(media, frame, size);
  const args = [
    ...['-v', 'error', '-xerror', '-nostdin', '-y', ...input, '-f', DEMUXER[media.format], '-i', path],
    ...['-filter_complex', filters, '-map', '[out]', '-frames:v', '1', '-q:v', '3', '-f', 'mjpeg', output],
  ];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  await runChild(ffmpeg, args, { signal: limited, memoryBytes: MEMORY_BYTES });
  // What JPEG is, and what readers would not guess of a picture this large.
  const colorSpace = 'bt470bg';
  return { durationMs: AS_LONG_AS_NEEDED_MS, ...size, fps: FRAME_RATE, colorSpace, still: true };
}

/** In RGB up to the end, since each format brings colours of its own. */
function stillFilters(media: MediaFile, frame: Frame, size: Frame): string {
  const opaque = ['format=gbrap', 'premultiply=inplace=1', 'format=gbrp', 'setsar=1'];
  const head = `[0:v:0]${[...opaque, ...(UPRIGHT[media.orientation] ?? [])].join(',')}`;
  const tail = 'scale=out_color_matrix=bt601:out_range=pc,format=yuvj444p[out]';
  const grown = (how: string, { width, height }: Frame) =>
    `scale=${width}:${height}:force_original_aspect_ratio=${how}:flags=bicubic`;
  const cover = (to: Frame) => `${grown('increase', to)},crop=${to.width}:${to.height}`;
  if (fillsFrame(media, frame)) return `${head},${cover(size)},${tail}`;
  const small = { width: size.width / FILL_SCALE, height: size.height / FILL_SCALE };
  const dark = 'lutrgb=r=val*0.42:g=val*0.42:b=val*0.42';
  return [
    `${head},split[a][b]`,
    `[a]${cover(small)},boxblur=6:2,${dark},scale=${size.width}:${size.height}:flags=bilinear[fill]`,
    `[b]${grown('decrease', size)}[whole]`,
    `[fill][whole]overlay=x=(W-w)/2:y=(H-h)/2:format=gbrp,${tail}`,
  ].join(';');
}
