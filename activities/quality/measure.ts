import { runChild } from '../child.ts';
import { PROGRESS_ARGS, secondsIn } from '../render/progress-lines.ts';

/** What watching and listening to the video found; seconds, LUFS and dBTP. */
export interface Measured {
  blackSeconds: number;
  longestFreezeSeconds: number;
  longestSilenceSeconds: number;
  loudnessLufs: number;
  truePeakDbtp: number;
}

export interface MeasureOptions {
  signal: AbortSignal;
  durationMs: number;
  bytes: number;
  onShare: (share: number) => void;
}

/** Up to here every frame is decoded; longer and denser videos show their keyframes only, or the stage's limit would not hold. */
const FULL_DECODE = { ms: 120_000, bytes: 200_000_000 };

/** A broken frame ends the decoding: ffmpeg would paint over it and call the file good. */
const STRICT = ['-xerror'];

/**
 * Captions stand in the lowest part of the frame, of a tall one in its lowest third; there they would hide that the
 * picture is black or still.
 */
const ABOVE_CAPTIONS = "crop=iw:'floor(ih*if(gt(ih,iw),0.33,0.36))*2':0:0";
/**
 * Black means no light at all: a night or the deep sea is dark but not black, and must not fail a video.
 * A freeze is told from 3 s on, since two keyframes may be 2 s apart and would look like one.
 */
const WATCH = `${ABOVE_CAPTIONS},scale=320:-2,blackdetect=d=0.3:pix_th=0.03,freezedetect=n=-60dB:d=3`;
const LISTEN = 'silencedetect=n=-50dB:d=0.5,ebur128=peak=true:framelog=verbose';

/** Decodes the video once and measures picture and sound. Throws a StageError when it cannot be decoded. */
export async function measure(ffmpeg: string, path: string, options: MeasureOptions): Promise<Measured> {
  const seconds = options.durationMs / 1000;
  const whole = options.durationMs <= FULL_DECODE.ms && options.bytes <= FULL_DECODE.bytes;
  const skip = whole ? [] : ['-skip_frame:v', 'nokey'];
  const { stderr } = await runChild(
    ffmpeg,
    [
      ...['-hide_banner', ...PROGRESS_ARGS, ...STRICT, ...skip, '-i', path],
      ...['-filter_complex', `[0:v]${WATCH}[v];[0:a]${LISTEN}[a]`],
      ...['-map', '[v]', '-map', '[a]', '-f', 'null', '-'],
    ],
    {
      signal: options.signal,
      onLine: (line) => {
        const done = secondsIn(line);
        if (done !== null) options.onShare(Math.min(1, done / seconds));
      },
    },
  );
  return readMeasurements(stderr, seconds);
}

/** Reads ffmpeg's report. A freeze or silence that is never said to end lasts until the end of the video. */
export function readMeasurements(report: string, seconds: number): Measured {
  return {
    blackSeconds: sum(numbers(report, /black_duration:\s*([\d.]+)/gu)),
    longestFreezeSeconds: longest(report, 'freeze', seconds),
    longestSilenceSeconds: longest(report, 'silence', seconds),
    loudnessLufs: last(report, /\bI:\s+(-?[\d.]+|-inf) LUFS/gu),
    truePeakDbtp: last(report, /\bPeak:\s+(-?[\d.]+|-inf) dBFS/gu),
  };
}

function longest(report: string, what: 'freeze' | 'silence', seconds: number): number {
  const starts = numbers(report, new RegExp(`${what}_start:\\s*(-?[\\d.]+)`, 'gu'));
  const ends = numbers(report, new RegExp(`${what}_end:\\s*(-?[\\d.]+)`, 'gu'));
  return Math.max(0, ...starts.map((start, i) => (ends[i] ?? seconds) - Math.max(0, start)));
}

function numbers(report: string, pattern: RegExp): number[] {
  return [...report.matchAll(pattern)].map((match) => Number(match[1]));
}

function last(report: string, pattern: RegExp): number {
  const text = [...report.matchAll(pattern)].at(-1)?.[1];
  return text === undefined || text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
