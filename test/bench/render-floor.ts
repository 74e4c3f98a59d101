import { join } from 'node:path';
import { runChild } from '../../activities/child.ts';
import { COLOUR_TAGS, SOFTWARE_ENCODER } from '../../activities/providers/renderer.ts';
import { type CpuSeconds, cpuNow, cpuSince } from './cpu.ts';
import { watchChildren } from './render-memory.ts';

/** Seconds of CPU and of wall time; `peakBytes` is the largest resident size that a child had. */
export interface Measured extends CpuSeconds {
  name: string;
  wall: number;
  peakBytes: number;
}

const NEVER = new AbortController().signal;
const QUIET = ['-hide_banner', '-v', 'error', '-y'];

export async function measure(name: string, work: () => Promise<unknown>): Promise<Measured> {
  const stopWatching = watchChildren();
  const [cpu, startedAtMs] = [cpuNow(), performance.now()];
  await work();
  const wall = (performance.now() - startedAtMs) / 1000;
  return { name, ...cpuSince(cpu), wall, peakBytes: stopWatching() };
}

/** Runs ffmpeg quietly, overwriting its output, which is the last argument. */
export async function encode(ffmpeg: string, args: readonly string[]): Promise<void> {
  await runChild(ffmpeg, [...QUIET, ...args], { signal: NEVER });
}

/** Writes a video's frames, decoded, into a file of the folder: 5.6 GB a minute of 1080p. */
export async function readyFrames(ffmpeg: string, folder: string, video: string): Promise<string> {
  const raw = join(folder, 'frames.y4m');
  await encode(ffmpeg, ['-i', video, '-an', '-f', 'yuv4mpegpipe', raw]);
  return raw;
}

/** What decoding the clips of a video costs, each as far as it is shown, by the decoder's own choice of threads. */
export function decodeAlone(ffmpeg: string, clips: readonly string[], seconds: number): Promise<Measured> {
  return measure('decode', async () => {
    for (const clip of clips)
      await encode(ffmpeg, ['-t', String(seconds), '-i', clip, '-an', '-f', 'null', '-']);
  });
}

/** The floor: what encoding these very frames costs when nothing has to be drawn. */
export function encodeAlone(ffmpeg: string, folder: string, raw: string): Promise<Measured> {
  const output = [...SOFTWARE_ENCODER.args, ...COLOUR_TAGS, '-f', 'mp4', join(folder, 'alone.mp4')];
  return measure('the same frames, encoded alone', () => encode(ffmpeg, ['-i', raw, ...output]));
}
