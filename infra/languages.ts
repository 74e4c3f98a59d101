import type { Config } from './config.ts';

const LOCAL_LANGUAGE = 'en';

/**
 * Whether a voice of this configuration speaks the language (BCP 47). The voices of the machine itself speak English
 * alone; speech over HTTP and an operator's TTS_COMMAND are trusted with every language.
 */
export function supportsLanguage({ providers }: Pick<Config, 'providers'>, language: string): boolean {
  if (providers.speech !== null || providers.ttsCommand !== null) return true;
  return language.split('-')[0]?.toLowerCase() === LOCAL_LANGUAGE;
}
