import type { Config } from '../settings/config.ts';

const LOCAL_LANGUAGE = 'en';

/** Every language. */
export const ANY_LANGUAGE = 'any';

/** "de" for "de-AT": the first part of a BCP 47 tag, in small letters. */
export function primaryLanguage(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? language;
}

/** Whether the words that this program itself adds to a video, and what it knows of a language, are of this one. */
export function isOwnLanguage(language: string): boolean {
  return primaryLanguage(language) === LOCAL_LANGUAGE;
}

/**
 * The language that the voice of a configuration speaks (first part of BCP 47), or {@link ANY_LANGUAGE}. The voices of
 * the machine itself speak English alone; speech over HTTP and an operator's TTS_COMMAND are trusted with every language.
 */
export function spokenLanguage(providers: Pick<Config['providers'], 'speech' | 'ttsCommand'>): string {
  return providers.speech !== null || providers.ttsCommand !== null ? ANY_LANGUAGE : LOCAL_LANGUAGE;
}

/** Whether a voice of this configuration speaks the language (BCP 47). */
export function supportsLanguage({ providers }: Pick<Config, 'providers'>, language: string): boolean {
  const spoken = spokenLanguage(providers);
  return spoken === ANY_LANGUAGE || primaryLanguage(language) === spoken;
}

/** Whether a script can be written from a topic alone: the outline that needs no language model is English. */
export function writesTopic({ providers }: Pick<Config, 'providers'>, language: string): boolean {
  return providers.chat !== null || isOwnLanguage(language);
}
