import { runChild } from '../child.ts';

/** Beyond these a voice sounds drowsy or hurried, whatever it says. */
const SLOWEST = 0.9;
const FASTEST = 1.15;
/** Nobody hears or misses less than this. */
const WORTH_IT = 0.02;
/** A text that is much too short is not dragged out, since it would not be in time all the same. */
const HOPELESS = 0.8;

/**
 * How much faster the speech has to be, 0.9 to 1.15, for a narration of `wantedMs` together with its pauses, which keep
 * their length; 1 where that is near enough already, or out of reach.
 */
export function paceFor(speechMs: number, pausesMs: number, wantedMs: number): number {
  const wanted = speechMs / Math.max(1, wantedMs - pausesMs);
  if (Math.abs(wanted - 1) < WORTH_IT || wanted < HOPELESS) return 1;
  return Math.min(FASTEST, Math.max(SLOWEST, wanted));
}

/** Plays a mono sound faster or slower without another pitch; the output lasts `lengthMs`, 1 / pace times the input. */
export async function changePace(
  { ffmpeg, input, output, signal }: { ffmpeg: string; input: string; output: string; signal: AbortSignal },
  pace: number,
  lengthMs: number,
): Promise<void> {
  const filter = `atempo=${pace},apad,atrim=end=${lengthMs / 1000}`;
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', '-i', input];
  await runChild(ffmpeg, [...args, '-af', filter, '-c:a', 'pcm_s16le', '-bitexact', output], {
    signal,
  });
}
