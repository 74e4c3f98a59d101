import type { Env } from './env.ts';
import { isLoopbackUrl } from './loopback.ts';

/** Which services make a video; null where one is not set up, and an offline one takes its place. */
export interface ProvidersConfig {
  /** Chat for scripts; `baseUrl` is any server that speaks OpenAI's protocol. Null without key and base URL. */
  chat: { baseUrl: string; model: string } | null;
  /** Speech over HTTP; null without key and base URL. */
  speech: { baseUrl: string; model: string; voice: string } | null;
  /** Word times by transcription; null without a key. */
  transcription: { baseUrl: string; model: string } | null;
  /** A local speech engine: text on standard input, WAV on standard output. */
  ttsCommand: string | null;
  /** Footage; null without key and base URL. `hosts` may be downloaded from. */
  footage: { baseUrl: string; hosts: string[] } | null;
}

/** OpenAI's endpoint, and the models that are used when none is named; each has its row in infra/prices.json. */
export const OPENAI_URL = 'https://api.openai.com/v1';
const DEFAULT_CHAT_MODEL = 'gpt-4o-mini';
const DEFAULT_SPEECH_MODEL = 'gpt-4o-mini-tts';
const DEFAULT_SPEECH_VOICE = 'alloy';
const DEFAULT_TRANSCRIPTION_MODEL = 'whisper-1';
/** What stands before `/videos/search`. */
const PEXELS_URL = 'https://api.pexels.com';
const PEXELS_HOSTS = ['videos.pexels.com', 'player.vimeo.com'];

/** Providers from their keys and addresses. */
export function providersConfig(env: Env): ProvidersConfig {
  const chatUrl = env.OPENAI_BASE_URL ?? OPENAI_URL;
  const hasChat = env.OPENAI_API_KEY !== undefined || env.OPENAI_BASE_URL !== undefined;
  const hasSpeech =
    env.SPEECH_BASE_URL !== undefined || (speaks(env, chatUrl) && env.TTS_COMMAND === undefined);
  return {
    chat: hasChat ? { baseUrl: chatUrl, model: env.OPENAI_MODEL ?? DEFAULT_CHAT_MODEL } : null,
    speech: hasSpeech
      ? {
          baseUrl: env.SPEECH_BASE_URL ?? chatUrl,
          model: env.SPEECH_MODEL ?? DEFAULT_SPEECH_MODEL,
          voice: env.SPEECH_VOICE ?? DEFAULT_SPEECH_VOICE,
        }
      : null,
    transcription: !speaks(env, chatUrl)
      ? null
      : { baseUrl: chatUrl, model: env.TRANSCRIPTION_MODEL ?? DEFAULT_TRANSCRIPTION_MODEL },
    ttsCommand: env.TTS_COMMAND ?? null,
    footage: footageOf(env),
  };
}

/** A loopback base URL (a fake, a proxy) adds its own host to those that may be downloaded from. */
function footageOf(env: Env): ProvidersConfig['footage'] {
  if (env.PEXELS_API_KEY === undefined && env.PEXELS_BASE_URL === undefined) return null;
  const baseUrl = env.PEXELS_BASE_URL ?? PEXELS_URL;
  const named = env.FOOTAGE_HOSTS?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const own = isLoopbackUrl(baseUrl) ? [new URL(baseUrl).hostname] : [];
  return { baseUrl, hosts: [...(named ?? PEXELS_HOSTS), ...own] };
}

/** A foreign chat server need not speak: it is asked to only when SPEECH_BASE_URL says so. */
function speaks(env: Env, chatUrl: string): boolean {
  return env.OPENAI_API_KEY !== undefined && (chatUrl === OPENAI_URL || isLoopbackUrl(chatUrl));
}
