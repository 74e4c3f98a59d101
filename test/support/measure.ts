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

/** Presentation times of a video's packets in ticks, in order of showing. */
export async function frameTimes(file: string): Promise<number[]> {
  const wanted = ['-select_streams', 'v', '-show_entries', 'packet=pts', '-of', 'csv=p=0'];
  const { stdout } = await run(ffprobe, ['-v', 'error', ...wanted, file]);
  const times = stdout.trim().split('\n');
  return times.map((line) => Number(line.split(',')[0])).toSorted((a, b) => a - b);
}

/** Mean red, green and blue (0 to 255) of a part of the frame (a crop filter) at a time, read as BT.709. */
export async function colourAt(file: string, seconds: number, crop: string): Promise<number[]> {
  const rgb = `${crop},scale=w=1:h=1:flags=area:in_color_matrix=bt709:in_range=tv,format=rgb24`;
  const args = ['-v', 'error', '-ss', String(seconds), '-i', file, '-frames:v', '1', '-vf', rgb];
  const { stdout } = await run(ffmpeg, [...args, '-f', 'rawvideo', '-'], { encoding: 'buffer' });
  return [...stdout];
}

/** What ffmpeg reports of black for a frame or more, and of a picture that stands still for 0.2 s. */
export async function blackAndFrozen(file: string): Promise<string[]> {
  const watch = 'scale=320:-2,blackdetect=d=0.03:pix_th=0.1,freezedetect=n=-60dB:d=0.2';
  const { stderr } = await run(ffmpeg, ['-nostats', '-i', file, '-an', '-vf', watch, '-f', 'null', '-']);
  return stderr.split('\n').filter((line) => /black_start|freeze_start/u.test(line));
}
