import { runChild } from '../child.ts';

export interface Loudness {
  /** Integrated loudness, LUFS; -Infinity for silence. */
  lufs: number;
  /** True peak, dBTP; -Infinity for silence. */
  truePeakDbtp: number;
}

/** Measures a sound file by EBU R 128. Throws a StageError `process_failed` when ffmpeg fails or says nothing. */
export async function measureLoudness(ffmpeg: string, path: string, signal: AbortSignal): Promise<Loudness> {
  // ffmpeg 5.1 has no framelog=quiet: at "verbose" the lines of each frame stay out of the log.
  const filter = 'ebur128=peak=true:framelog=verbose';
  const args = ['-hide_banner', '-nostdin', '-nostats', '-i', path, '-af', filter, '-f', 'null', '-'];
  const { stderr } = await runChild(ffmpeg, args, { signal });
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  return { lufs: read(summary, /I:\s+(\S+) LUFS/), truePeakDbtp: read(summary, /Peak:\s+(\S+) dBFS/) };
}

/** ebur128 shows -70 for anything too quiet or too short to have a loudness. */
const NOTHING_LUFS = -70;

function read(summary: string, pattern: RegExp): number {
  const text = pattern.exec(summary)?.[1];
  if (text === undefined) throw new Error(`ffmpeg printed no loudness: ${summary.slice(0, 200)}`);
  const value = Number(text);
  return Number.isNaN(value) || value <= NOTHING_LUFS ? Number.NEGATIVE_INFINITY : value;
}
