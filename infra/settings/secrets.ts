import type { Env } from './env.ts';
import { OPENAI_URL } from './providers-config.ts';

/** Keys of services. Never part of Config, never logged; a child process sees none of them. */
export interface Secrets {
  openai: string | null;
  /** Key of the speech server; without one of its own, the OpenAI key where that server is the same. */
  speech: string | null;
  pexels: string | null;
  /** Secret of the OAuth client for YouTube. */
  youtubeClient: string | null;
  /** Seals the tokens of connected channels, 64 hexadecimal digits; null = a file in DATA_DIR does. */
  youtubeTokenKey: string | null;
  /** Key for statistics of YouTube. */
  youtubeApi: string | null;
  /** Signs webhooks, as `whsec_` and base64. */
  webhook: string | null;
  /** Signs the API's session cookies; null = made at its start. */
  session: string | null;
  /** API key of the Temporal server. */
  temporal: string | null;
  /** The usual keys of AWS, for the bucket of the artifact store; the token is of temporary ones. */
  s3KeyId: string | null;
  s3Secret: string | null;
  s3Session: string | null;
  /** Headers for the collector of traces, as name=value parted by commas. */
  traceHeaders: string | null;
}

export function readSecrets(env: Env): Secrets {
  const openai = env.OPENAI_API_KEY ?? null;
  const speech = env.SPEECH_API_KEY ?? (speaksElsewhere(env) ? null : openai);
  const pexels = env.PEXELS_API_KEY ?? null;
  const webhook = env.WEBHOOK_SECRET ?? null;
  return { ...serverKeys(env), ...youtubeKeys(env), openai, speech, pexels, webhook, session: null };
}

function youtubeKeys(env: Env): Pick<Secrets, 'youtubeClient' | 'youtubeTokenKey' | 'youtubeApi'> {
  return {
    youtubeClient: env.YOUTUBE_CLIENT_SECRET ?? null,
    youtubeTokenKey: env.YOUTUBE_TOKEN_KEY ?? null,
    youtubeApi: env.YOUTUBE_API_KEY ?? null,
  };
}

/** Of what every process talks to. */
function serverKeys(
  env: Env,
): Pick<Secrets, 'temporal' | 's3KeyId' | 's3Secret' | 's3Session' | 'traceHeaders'> {
  return {
    temporal: env.TEMPORAL_API_KEY ?? null,
    s3KeyId: env.AWS_ACCESS_KEY_ID ?? null,
    s3Secret: env.AWS_SECRET_ACCESS_KEY ?? null,
    s3Session: env.AWS_SESSION_TOKEN ?? null,
    traceHeaders: env.OTEL_EXPORTER_OTLP_HEADERS ?? null,
  };
}

/** A key is never shown to a server that it was not given for. */
function speaksElsewhere({ SPEECH_BASE_URL, OPENAI_BASE_URL = OPENAI_URL }: Env): boolean {
  return SPEECH_BASE_URL !== undefined && new URL(SPEECH_BASE_URL).origin !== new URL(OPENAI_BASE_URL).origin;
}

/** What the API is given: its own secret, the keys of Temporal and the bucket, and no key of a provider. */
export function readApiSecrets(env: Env): Secrets {
  return { ...NO_SECRETS, ...serverKeys(env), session: env.SESSION_SECRET ?? null };
}

/** What a process without providers holds: the tests, the commands. */
export const NO_SECRETS: Secrets = {
  openai: null,
  speech: null,
  pexels: null,
  youtubeClient: null,
  youtubeTokenKey: null,
  youtubeApi: null,
  webhook: null,
  session: null,
  temporal: null,
  s3KeyId: null,
  s3Secret: null,
  s3Session: null,
  traceHeaders: null,
};
