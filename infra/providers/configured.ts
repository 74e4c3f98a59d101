import { createHash } from 'node:crypto';
import type { ProviderKind } from '../../domain/provider-gate.ts';
import type { Config } from '../settings/config.ts';
import { isLoopbackUrl } from '../settings/loopback.ts';
import type { Secrets } from '../settings/secrets.ts';
import { ANY_LANGUAGE, spokenLanguage } from '../text/languages.ts';

/** A service that videos depend on and that may fail; what is made on this machine has no gate. */
export interface ConfiguredProvider {
  /** In `provider_state`, in `waiting_for` and in the API. */
  name: string;
  kind: ProviderKind;
  /** Changes with address and key. */
  account: string;
  /** Language of the videos that a fallback takes over while it is closed, 'any' for all; null = all wait for it. */
  standIn: string | null;
}

const OPENAI_HOST = 'api.openai.com';
const USES = { llm: 'chat', speech: 'speech', transcription: 'transcription' } as const;
type MakerKind = keyof typeof USES | 'footage';

/** The services of this configuration, at most one of each kind. */
export function configuredProviders(
  { providers, fallbacks }: Pick<Config, 'providers' | 'fallbacks'>,
  secrets: Secrets,
): ConfiguredProvider[] {
  const { chat, speech, transcription, footage } = providers;
  const found: ConfiguredProvider[] = [];
  const add = (kind: MakerKind, baseUrl: string | undefined, key: string | null, standIn: string | null) => {
    if (baseUrl !== undefined) {
      found.push({ name: providerName(kind, baseUrl), kind, account: markOf(baseUrl, key), standIn });
    }
  };
  add('llm', chat?.baseUrl, secrets.openai, null);
  const spoken = spokenLanguage({ ...providers, speech: null });
  add('speech', speech?.baseUrl, secrets.speech, fallbacks.speech ? spoken : null);
  // Without it words have estimated times, and nothing waits.
  add('transcription', transcription?.baseUrl, secrets.openai, ANY_LANGUAGE);
  add('footage', footage?.baseUrl, secrets.pexels, fallbacks.footage ? ANY_LANGUAGE : null);
  return found;
}

/** "openai-chat", "loopback-speech", "compatible-transcription", "pexels". */
export function providerName(kind: MakerKind, baseUrl: string): string {
  return kind === 'footage' ? 'pexels' : `${ownerOf(baseUrl)}-${USES[kind]}`;
}

function ownerOf(baseUrl: string): string {
  if (new URL(baseUrl).hostname === OPENAI_HOST) return 'openai';
  return isLoopbackUrl(baseUrl) ? 'loopback' : 'compatible';
}

/** Tells one key from another, and nothing of either. */
export function markOf(baseUrl: string, key: string | null): string {
  return createHash('sha256')
    .update(`${baseUrl}\n${key ?? ''}`)
    .digest('hex')
    .slice(0, 16);
}
