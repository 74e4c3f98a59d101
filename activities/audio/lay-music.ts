import { join } from 'node:path';
import { runChild } from '../child.ts';
import { measureLoudness } from './loudness.ts';
import { BESIDE_SPEECH_DB, musicGain, type Speech } from './music-gain.ts';
import { wavLengthMs, writeWav } from './wav.ts';

export interface MusicJob {
  ffmpeg: string;
  /** The narration, mono, at any loudness. */
  narration: string;
  music: string;
  /** Its end meets its beginning, so that repeating it needs no fade. */
  seamless: boolean;
  speech: readonly Speech[];
  durationMs: number;
  /** Stereo WAV of the narration's length. */
  output: string;
  workDir: string;
  signal: AbortSignal;
}

const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];
const RATE = 48_000;
/** A piece that swells is made even first: as a background it must not come up to the speech. */
const EVEN = 'dynaudnorm=framelen=400:gausssize=7:peak=0.5:maxgain=8:targetrms=0.1';

/**
 * Lays music under a narration: as quiet against it as music-gain.ts says, repeated to its length. The mix is at the
 * narration's loudness and still has to be mastered. False, and no output, when the music is silent.
 * Throws a StageError `process_failed` when the music cannot be read.
 */
export async function layMusic(job: MusicJob): Promise<boolean> {
  const { ffmpeg, signal, workDir, durationMs } = job;
  const track = join(workDir, 'track.wav');
  const shown = [
    '-map',
    '0:a:0',
    '-t',
    String(durationMs / 1000),
    '-af',
    EVEN,
    '-ac',
    '2',
    '-ar',
    String(RATE),
  ];
  const source = ['-protocol_whitelist', 'file', '-i', job.music];
  await runChild(ffmpeg, [...QUIET, ...source, ...shown, '-c:a', 'pcm_s16le', track], { signal });
  const [own, speech] = await Promise.all([
    measureLoudness(ffmpeg, track, signal),
    measureLoudness(ffmpeg, job.narration, signal),
  ]);
  if (!Number.isFinite(own.lufs)) return false;
  const curve = join(workDir, 'gain.wav');
  await writeWav(curve, musicGain(job.speech, durationMs, await roundMs(job, track)));
  await mix(job, track, curve, speech.lufs + BESIDE_SPEECH_DB - own.lufs);
  return true;
}

/** After how long the track comes round again; Infinity when nobody notices, or it does not. */
async function roundMs({ seamless, durationMs }: MusicJob, track: string): Promise<number> {
  const lengthMs = await wavLengthMs(track);
  return seamless || lengthMs >= durationMs - 1 ? Number.POSITIVE_INFINITY : lengthMs;
}

async function mix(
  { ffmpeg, narration, output, signal }: MusicJob,
  track: string,
  curve: string,
  gainDb: number,
) {
  const inputs = ['-i', narration, '-stream_loop', '-1', '-i', track, '-i', curve];
  const both = 'aformat=sample_fmts=fltp:channel_layouts=stereo';
  const filters = [
    `[0:a]aresample=${RATE},pan=stereo|c0=0.7071*c0|c1=0.7071*c0,${both}[voice]`,
    `[1:a]volume=${gainDb.toFixed(2)}dB:precision=float,${both}[track]`,
    `[2:a]aresample=${RATE},pan=stereo|c0=c0|c1=c0,${both}[gain]`,
    '[track][gain]amultiply[bed]',
    '[voice][bed]amix=inputs=2:normalize=0:duration=first[out]',
  ];
  const graph = ['-filter_complex', filters.join(';'), '-map', '[out]'];
  await runChild(ffmpeg, [...QUIET, ...inputs, ...graph, '-c:a', 'pcm_s16le', '-bitexact', output], {
    signal,
  });
}
