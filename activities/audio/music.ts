import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import type { MusicCredit } from '../../domain/results.ts';
import { SOFT_MUSIC } from '../../domain/video.ts';
import { licenceOf, musicTracks } from '../../infra/media/music.ts';
import { makeSoftBed } from './soft-bed.ts';

/** Licence of a track that has none beside it. */
export const NOT_STATED = 'not stated: the operator answers for it';

export interface Music {
  path: string;
  seamless: boolean;
  credit: MusicCredit;
}

/** What finding music needs. */
export interface MusicPlace {
  ffmpeg: string;
  musicDir: string | null;
  workDir: string;
  signal: AbortSignal;
}

/** The music of that name, made here or a track of MUSIC_DIR. Throws a StageError `invalid_input` when there is none. */
export async function findMusic(name: string, place: MusicPlace): Promise<Music> {
  if (name === SOFT_MUSIC) {
    const path = join(place.workDir, 'soft.wav');
    await makeSoftBed(place.ffmpeg, path, place.signal);
    return {
      path,
      seamless: true,
      credit: { name, source: 'YTEMPIRE', licence: 'own', sha256: await hashOf(path) },
    };
  }
  const track = (await musicTracks(place.musicDir)).find((each) => each.name === name);
  if (!track) throw new StageError('invalid_input', `there is no music "${name}" in MUSIC_DIR any more`);
  const licence = (await licenceOf(track)) ?? NOT_STATED;
  const credit = { name, source: 'MUSIC_DIR', licence, sha256: await hashOf(track.path) };
  return { path: track.path, seamless: false, credit };
}

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
