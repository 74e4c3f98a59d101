import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { SOFT_MUSIC } from '../../domain/video.ts';

/** A piece of music in MUSIC_DIR. */
export interface Track {
  /** File name without its ending. */
  name: string;
  path: string;
}

const SOUND_FILES = new Set(['.mp3', '.wav', '.flac', '.ogg', '.m4a', '.aac']);
const MAX_LICENCE_CHARS = 500;

/**
 * The tracks of a folder by name. A folder that is not there holds none: it is the operator's, and may be a disk that
 * is away. A file that is called as the music that is made here is left out.
 */
export async function musicTracks(musicDir: string | null): Promise<Track[]> {
  if (musicDir === null) return [];
  const files = await readdir(musicDir).catch(() => []);
  return files
    .toSorted()
    .map((file) => ({ ...parse(file), path: join(musicDir, file) }))
    .filter(({ name, ext }) => SOUND_FILES.has(ext.toLowerCase()) && name !== SOFT_MUSIC)
    .map(({ name, path }) => ({ name, path }));
}

/** What NAME.licence.txt beside the track says, on one line; null without it. */
export async function licenceOf({ name, path }: Track): Promise<string | null> {
  const text = await readFile(join(parse(path).dir, `${name}.licence.txt`), 'utf8').catch(() => null);
  return text?.replace(/\s+/gu, ' ').trim().slice(0, MAX_LICENCE_CHARS) || null;
}
