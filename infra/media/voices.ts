import type { Config } from '../settings/config.ts';
import { OPENAI_URL } from '../settings/providers-config.ts';

/** A voice that an order may name. */
export interface Voice {
  name: string;
  engine: string;
  what: string;
}

/** The neural voice's voices: the first is in its package, the others are fetched once, about 8 MB each. */
export const HIBARI_VOICES: readonly Voice[] = [
  hibari('heart', 'American, female; in the package'),
  hibari('emma', 'British, female; fetched once, 8 MB'),
  hibari('fable', 'British, male; fetched once, 8 MB'),
  hibari('fenrir', 'American, male; fetched once, 8 MB'),
  hibari('kore', 'American, female; fetched once, 8 MB'),
];

const LOCAL_VOICES: readonly Voice[] = [
  ...HIBARI_VOICES,
  { name: 'flite', engine: 'flite', what: 'English, female; sounds robotic' },
  { name: 'espeak-ng', engine: 'espeak-ng', what: 'English, male; sounds robotic' },
];

/** Voices of OpenAI's speech models, as its API reference named them in November 2026. */
const OPENAI_VOICES = 'alloy ash ballad coral echo fable nova onyx sage shimmer verse'.split(' ');

/**
 * The catalogue of a configuration: the voices of OpenAI, else the one voice of another speech server, else those of
 * this machine. TTS_COMMAND names its own, so that there is nothing to choose.
 */
export function voicesOf({
  speech,
  ttsCommand,
}: Pick<Config['providers'], 'speech' | 'ttsCommand'>): readonly Voice[] {
  if (speech) {
    const names =
      speech.baseUrl === OPENAI_URL ? [...new Set([speech.voice, ...OPENAI_VOICES])] : [speech.voice];
    return names.map((name) => ({ name, engine: speech.model, what: 'speech over HTTP' }));
  }
  return ttsCommand === null ? LOCAL_VOICES : [];
}

function hibari(name: string, what: string): Voice {
  return { name, engine: 'hibari-tts', what };
}
