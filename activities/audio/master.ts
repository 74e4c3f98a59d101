import { StageError } from '../../domain/errors.ts';
import { runChild } from '../child.ts';
import { type Loudness, measureLoudness } from './loudness.ts';

/** What YouTube plays unchanged, and the headroom that AAC needs. */
export const TARGET_LUFS = -14;
export const LUFS_TOLERANCE = 0.5;
export const MAX_TRUE_PEAK_DBTP = -1.5;

/** Below the ceiling, since resampling back to 48 kHz lifts a limited peak a little. */
const LIMIT_DB = -2;
const OUTPUT_RATE = 48_000;
/** Peaks between samples show at four times the rate. */
const OVERSAMPLED = OUTPUT_RATE * 4;

export interface MasterJob {
  ffmpeg: string;
  input: string;
  output: string;
  channels: 1 | 2;
  signal: AbortSignal;
}

/**
 * Brings a narration to -14 LUFS with true peaks of at most -1.5 dBTP as 48 kHz WAV of the same length, and
 * returns what was measured on the result. Linear gain, then a limiter on the oversampled signal: what the
 * limiter takes from the loudness is given back by one corrected second pass.
 * Throws a StageError `missing_data` when the input is silent.
 */
export async function master(job: MasterJob): Promise<Loudness> {
  const before = await measureLoudness(job.ffmpeg, job.input, job.signal);
  if (!Number.isFinite(before.lufs)) throw new StageError('missing_data', 'the narration is silent');
  const gain = TARGET_LUFS - before.lufs;
  await apply(job, gain, LIMIT_DB);
  const first = await measureLoudness(job.ffmpeg, job.output, job.signal);
  const off = TARGET_LUFS - first.lufs;
  const over = Math.max(0, first.truePeakDbtp - MAX_TRUE_PEAK_DBTP);
  if (Math.abs(off) <= LUFS_TOLERANCE / 2 && over === 0) return first;
  await apply(job, gain + off * LIMITER_SHARE, LIMIT_DB - over);
  return measureLoudness(job.ffmpeg, job.output, job.signal);
}

/** Of the gain that is added above the limiter, part is limited away again. */
const LIMITER_SHARE = 1.3;

async function apply(job: MasterJob, gainDb: number, limitDb: number): Promise<void> {
  const limit = (10 ** (limitDb / 20)).toFixed(4);
  const filters = [
    `volume=${gainDb.toFixed(2)}dB:precision=float`,
    `aresample=${OVERSAMPLED}`,
    // level=false: by default alimiter lifts its output back to full scale.
    `alimiter=limit=${limit}:attack=2:release=60:level=false`,
    `aresample=${OUTPUT_RATE}`,
  ];
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', '-i', job.input];
  const output = [
    '-ac',
    String(job.channels),
    '-ar',
    String(OUTPUT_RATE),
    '-c:a',
    'pcm_s16le',
    '-bitexact',
    job.output,
  ];
  await runChild(job.ffmpeg, [...args, '-af', filters.join(','), ...output], { signal: job.signal });
}
