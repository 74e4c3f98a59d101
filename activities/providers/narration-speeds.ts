import type { Order } from '../../domain/video.ts';
import type { Deps } from '../../infra/deps.ts';
import { type NarrationSpeed, noteSpeed, readSpeed, speakerOf } from '../../infra/media/narration-speeds.ts';

/** How fast the voices speak, measured on their own narrations. */
export interface NarrationSpeeds {
  read(videoId: string, order: Order): Promise<NarrationSpeed | null>;
  note(videoId: string, order: Order, measured: { words: number; seconds: number }): Promise<void>;
}

export function createNarrationSpeeds({
  pool,
  config: { providers },
}: Pick<Deps, 'pool' | 'config'>): NarrationSpeeds {
  return {
    read: (videoId, order) => readSpeed(pool, speakerOf(providers, videoId, order)),
    note: (videoId, order, measured) => noteSpeed(pool, speakerOf(providers, videoId, order), measured),
  };
}
