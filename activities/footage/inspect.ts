import { z } from 'zod';
import { StageError } from '../../domain/errors.ts';
import type { Clip } from '../../domain/results.ts';
import { runChild } from '../child.ts';
import { ClipRefused } from './refused.ts';

export type ClipFacts = Omit<Clip, 'file' | 'licence'>;

/** Widest and tallest picture that is taken: UHD, and a little for cinema's 4096. */
export const MAX_SIDE_PX = 4096;
const MIN_DURATION_MS = 1000;
const TIMEOUT_MS = 20_000;
const DECODED_S = '1';
/** A file that was cut off holds fewer packets than its index names. */
const MIN_PACKETS_SHARE = 0.98;
/** Above this difference of the two rates that ffprobe tells, the time between frames varies. */
const MAX_RATE_DIFFERENCE = 0.01;
const UNTAGGED = new Set(['unknown', 'unspecified', 'reserved']);

/**
 * ffmpeg's options before the name of a foreign clip. It is read as an MP4 whatever it says that it is, so no playlist
 * is followed, and nothing but files is opened. A picture that grows later on is not decoded: one frame of an
 * H.264 stream may take a gigabyte.
 */
export const CLIP_INPUT = [
  ...['-protocol_whitelist', 'file,pipe', '-f', 'mov'],
  ...['-max_pixels', String(MAX_SIDE_PX ** 2)],
];

/** Enough for any clip that is taken; see ChildLimits. */
const MEMORY_BYTES = 2 * 1024 ** 3;

const probed = z.object({
  format: z.object({ duration: z.string().optional() }),
  streams: z.array(
    z.object({
      width: z.number(),
      height: z.number(),
      r_frame_rate: z.string(),
      avg_frame_rate: z.string(),
      duration: z.string().optional(),
      nb_frames: z.string().optional(),
      nb_read_packets: z.string().optional(),
      color_space: z.string().optional(),
      side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
    }),
  ),
});
type Stream = z.infer<typeof probed>['streams'][number];

/** What a downloaded clip is. Throws {@link ClipRefused} for a file that is no whole, usable video. */
export async function inspectClip(
  tools: { ffmpeg: string; ffprobe: string },
  path: string,
  signal: AbortSignal,
): Promise<ClipFacts> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const facts = factsOf(await probe(tools.ffprobe, path, limited));
    await decodeStart(tools.ffmpeg, path, limited);
    return facts;
  } catch (error) {
    signal.throwIfAborted();
    if (limited.aborted) throw new ClipRefused('the file could not be read in time');
    if (error instanceof StageError && error.kind === 'process_failed') {
      throw new ClipRefused(`the file cannot be read: ${error.message.replaceAll(path, 'it')}`);
    }
    throw error;
  }
}

async function probe(ffprobe: string, path: string, signal: AbortSignal): Promise<z.infer<typeof probed>> {
  const wanted = ['-v', 'error', '-count_packets', '-select_streams', 'V', '-show_streams', '-show_format'];
  const args = [...CLIP_INPUT, ...wanted, '-of', 'json', '-i', path];
  const { stdout } = await runChild(ffprobe, args, { signal, memoryBytes: MEMORY_BYTES });
  const parsed = probed.safeParse(JSON.parse(stdout));
  if (parsed.success) return parsed.data;
  throw new ClipRefused(`ffprobe says too little about the file: ${z.prettifyError(parsed.error)}`);
}

function factsOf({ streams, format }: z.infer<typeof probed>): ClipFacts {
  const [stream] = streams;
  if (!stream) throw new ClipRefused('the file has no picture');
  requireWhole(stream);
  const durationMs = Math.floor(Number(stream.duration ?? format.duration ?? 0) * 1000);
  if (!(durationMs >= MIN_DURATION_MS)) throw new ClipRefused(`the clip is only ${durationMs} ms long`);
  const { width, height } = seenSize(stream);
  if (Math.max(width, height) > MAX_SIDE_PX)
    throw new ClipRefused(`the picture is ${width}x${height} pixels`);
  const matrix = stream.color_space;
  const colorSpace = matrix === undefined || UNTAGGED.has(matrix) ? null : matrix;
  return { durationMs, width, height, fps: steadyRate(stream), colorSpace };
}

function requireWhole({ nb_frames, nb_read_packets }: Stream): void {
  const [named, there] = [Number(nb_frames ?? 0), Number(nb_read_packets ?? 0)];
  if (there >= Math.max(1, named * MIN_PACKETS_SHARE)) return;
  throw new ClipRefused(`the file is cut off: ${there} of ${named} frames are there`);
}

function seenSize({ width, height, side_data_list }: Stream): { width: number; height: number } {
  const rotation = side_data_list?.find((each) => each.rotation !== undefined)?.rotation ?? 0;
  return Math.abs(rotation) % 180 === 90 ? { width: height, height: width } : { width, height };
}

function steadyRate({ r_frame_rate, avg_frame_rate }: Stream): number {
  const [base, average] = [rateOf(r_frame_rate), rateOf(avg_frame_rate)];
  if (average === 0 || Math.abs(base - average) / average > MAX_RATE_DIFFERENCE) return 0;
  return Math.round(average * 1000) / 1000;
}

function rateOf(fraction: string): number {
  const [over = 0, under = 1] = fraction.split('/').map(Number);
  return under > 0 && Number.isFinite(over / under) ? over / under : 0;
}

async function decodeStart(ffmpeg: string, path: string, signal: AbortSignal): Promise<void> {
  const input = [...CLIP_INPUT, '-t', DECODED_S, '-i', path];
  const args = ['-v', 'error', '-xerror', '-nostdin', ...input, '-map', '0:V:0', '-f', 'null', '-'];
  await runChild(ffmpeg, args, { signal, memoryBytes: MEMORY_BYTES });
}
