import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const ffprobe = process.env['FFPROBE_PATH'] ?? 'ffprobe';

export interface Streams {
  streams: Record<string, string | number>[];
  format: { duration: string; size: string };
}

/** What ffprobe says of a file; packets are counted, so that a truncated file shows. */
export async function probe(file: string): Promise<Streams> {
  const args = ['-v', 'error', '-count_packets', '-show_streams', '-show_format', '-of', 'json', file];
  return JSON.parse((await run(ffprobe, args)).stdout) as Streams;
}

/** Integrated loudness (LUFS) and true peak (dBTP) of a file's sound, by ffmpeg's ebur128. */
export async function loudness(file: string): Promise<{ lufs: number; truePeak: number }> {
  const args = [
    '-hide_banner',
    '-nostats',
    '-i',
    file,
    '-map',
    '0:a',
    '-af',
    'ebur128=peak=true',
    '-f',
    'null',
    '-',
  ];
  const { stderr } = await run(ffmpeg, args, { maxBuffer: 50_000_000 });
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  return {
    lufs: Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]),
    truePeak: Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1]),
  };
}

/** Position of the index (moov) and the data (mdat) in an MP4: faststart has the index first. */
export async function boxOrder(file: string): Promise<string[]> {
  const { stderr } = await run(ffprobe, ['-v', 'trace', file], { maxBuffer: 50_000_000 });
  return [...stderr.matchAll(/type:'(moov|mdat)' parent:'root'/g)].map((match) => match[1] ?? '');
}
