import type { Order } from '../../domain/video.ts';
import type { Deps } from '../../infra/deps.ts';
import { type NarrationSpeed, noteSpeed, readSpeed, speakerOf } from '../../infra/media/narration-speeds.ts';

/** How fast the voices speak, measured on their own narrations. */
export interface NarrationSpeeds {
  read(videoId: string, order: Order): Promise<NarrationSpeed | null>;
  note(videoId: string, order: Order, measured: { words: number; seconds: number }): Promise<void>;
}

/** Words a second of the neural voice hibari before it has spoken here: measured 3.08 to 3.24 on eight narrations of 15 to 60 s. */
const HIBARI_SPEED = 3.2;

export function createNarrationSpeeds({ pool, config }: Pick<Deps, 'pool' | 'config'>): NarrationSpeeds {
  const { providers } = config;
  return {
    read: async (videoId, order) =>
      (await readSpeed(pool, speakerOf(providers, videoId, order))) ?? usualSpeed(config),
    note: (videoId, order, measured) => noteSpeed(pool, speakerOf(providers, videoId, order), measured),
  };
}

/** What is known of a voice that was not measured here yet; null for one that we know nothing of. */
function usualSpeed({ providers, tools }: Deps['config']): NarrationSpeed | null {
  const isHibari = providers.speech === null && providers.ttsCommand === null && tools.ttsPython !== null;
  return isHibari ? { wordsPerSecond: HIBARI_SPEED, own: false } : null;
}
