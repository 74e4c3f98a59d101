import type { Env } from './env.ts';

/** Keys of paid services. Never part of Config, never logged; a child process sees none of them. */
export interface Secrets {
  openai: string | null;
  /** Key of the speech server; the OpenAI key where none is given. */
  speech: string | null;
  pexels: string | null;
}

export function readSecrets(env: Env): Secrets {
  const openai = env.OPENAI_API_KEY ?? null;
  return { openai, speech: env.SPEECH_API_KEY ?? openai, pexels: env.PEXELS_API_KEY ?? null };
}

/** What a process without providers holds: the API, the tests. */
export const NO_SECRETS: Secrets = { openai: null, speech: null, pexels: null };
