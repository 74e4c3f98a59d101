import { SOFT_MUSIC } from '../domain/video.ts';
import { musicTracks } from '../infra/media/music.ts';
import { voicesOf } from '../infra/media/voices.ts';
import type { ApiDeps } from './app.ts';

/** Names that an order may give. */
export interface Catalogue {
  voices: string[];
  music: string[];
}

/** What the configuration has now: a track is there as soon as its file is. */
export async function catalogueOf({ config }: ApiDeps): Promise<Catalogue> {
  const tracks = await musicTracks(config.musicDir);
  return {
    voices: voicesOf(config.providers).map(({ name }) => name),
    music: [SOFT_MUSIC, ...tracks.map(({ name }) => name)],
  };
}
