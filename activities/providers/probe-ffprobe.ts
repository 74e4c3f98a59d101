import { open } from 'node:fs/promises';
import { z } from 'zod';
import { StageError } from '../../domain/errors.ts';
import { runChild } from '../child.ts';

const stream = z.object({
  codec_type: z.string(),
  codec_name: z.string().optional(),
  pix_fmt: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  avg_frame_rate: z.string().optional(),
  color_space: z.string().optional(),
  color_primaries: z.string().optional(),
  color_transfer: z.string().optional(),
  color_range: z.string().optional(),
  sample_rate: z.string().optional(),
  channels: z.number().optional(),
  duration: z.string().optional(),
  nb_frames: z.string().optional(),
  nb_read_packets: z.string().optional(),
});
const answer = z.object({ streams: z.array(stream) });

type Stream = z.infer<typeof stream>;

/** What the container says about a video, with the packets that are really there. */
export interface VideoFacts {
  video: Stream | undefined;
  audio: Stream | undefined;
  bytes: number;
  /** Names of the file's outermost boxes, in order. */
  boxes: string[];
}

/**
 * Facts of an MP4. Counts the packets, since a cut-off file with its index in front still claims its whole
 * length. Throws a StageError `process_failed` when the file cannot be read as a video.
 */
export async function probe(ffprobe: string, path: string, signal: AbortSignal): Promise<VideoFacts> {
  const wanted = ['-v', 'error', '-count_packets', '-show_streams', '-of', 'json'];
  const { stdout } = await runChild(ffprobe, [...wanted, '-i', path], { signal });
  const parsed = answer.safeParse(JSON.parse(stdout));
  if (!parsed.success)
    throw new StageError('process_failed', `ffprobe's answer was not understood: ${parsed.error.message}`);
  const ofType = (type: string) => parsed.data.streams.find((each) => each.codec_type === type);
  return { video: ofType('video'), audio: ofType('audio'), ...(await outermostBoxes(path)) };
}

const BOX_HEADER_BYTES = 16;
const MAX_BOXES = 1000;

/** Walks over the box headers of an MP4: 32-bit size, name, and for size 1 a 64-bit size. */
async function outermostBoxes(path: string): Promise<{ bytes: number; boxes: string[] }> {
  const file = await open(path);
  try {
    const { size: bytes } = await file.stat();
    const boxes: string[] = [];
    const header = Buffer.alloc(BOX_HEADER_BYTES);
    for (let at = 0; at + 8 <= bytes && boxes.length < MAX_BOXES; ) {
      await file.read(header, 0, BOX_HEADER_BYTES, at);
      boxes.push(header.toString('latin1', 4, 8));
      const short = header.readUInt32BE(0);
      const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
      if (size < 8) break;
      at += size;
    }
    return { bytes, boxes };
  } finally {
    await file.close();
  }
}
