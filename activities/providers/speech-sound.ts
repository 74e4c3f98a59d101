import { rename, rm } from 'node:fs/promises';
import { StageError } from '../../domain/errors.ts';
import { readWav } from '../audio/wav.ts';
import { runChild } from '../child.ts';

/** Rate of every sentence of a foreign engine, so that one that changes its rate does no harm. */
const SPEECH_RATE = 24_000;
const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];
/** Sound alone: a playlist could make ffmpeg read other files or addresses. */
const SOUND_ONLY = ['-protocol_whitelist', 'file', '-format_whitelist', 'wav,mp3,flac,ogg,aac'];

export interface RawSound {
  /** What the engine gave; gone afterwards. */
  raw: string;
  file: string;
  ffmpeg: string;
  /** Named when it is no sound. */
  engine: string;
  signal: AbortSignal;
}

/**
 * Makes a mono 16-bit WAV of 24 kHz from whatever sound an engine gave. Throws a StageError `invalid_response`
 * when it is none.
 */
export async function settleSound({ raw, file, ffmpeg, engine, signal }: RawSound): Promise<void> {
  const rate = await readWav(raw).then(
    (sound) => sound.rate,
    () => null,
  );
  if (rate === SPEECH_RATE) return rename(raw, file);
  const output = ['-map', '0:a:0', '-ac', '1', '-ar', String(SPEECH_RATE), '-c:a', 'pcm_s16le', file];
  try {
    await runChild(ffmpeg, [...QUIET, ...SOUND_ONLY, '-i', raw, ...output], { signal });
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    throw new StageError('invalid_response', `${engine} answered with something that is not sound`);
  } finally {
    await rm(raw, { force: true });
  }
}
