/** Options that make ffmpeg write its progress to standard output, one `name=value` a line. */
export const PROGRESS_ARGS = ['-progress', 'pipe:1', '-stats_period', '0.5', '-nostats'];

/** Frames written so far, if the line says so. */
export function framesIn(line: string): number | null {
  const frames = /^frame=\s*(\d+)$/.exec(line.trim())?.[1];
  return frames === undefined ? null : Number(frames);
}

/** Seconds of output written so far, if the line says so (`out_time_us` is N/A before the first packet). */
export function secondsIn(line: string): number | null {
  const micros = /^out_time_us=(\d+)$/.exec(line.trim())?.[1];
  return micros === undefined ? null : Number(micros) / 1e6;
}
