import { cpus, hostname, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { DEFAULT_CAP } from '../../domain/budget.ts';
import { IO_SLOTS, LANE_SLOTS, type Lane } from '../../domain/lanes.ts';
import type { Micros } from '../../domain/money.ts';
import { type ApiKey, parseApiKeys } from './api-keys.ts';
import type { Env } from './env.ts';
import type { Fallbacks } from './fallbacks.ts';
import { isLoopbackUrl } from './loopback.ts';
import { type ObservabilityConfig, observabilityConfig } from './observability-config.ts';
import { type RetentionConfig, retentionConfig } from './retention-config.ts';
import { type TemporalConfig, temporalConfig } from './temporal-config.ts';
import { type WebhooksConfig, webhooksConfig } from './webhooks-config.ts';
import { type YoutubeConfig, youtubeConfig } from './youtube-config.ts';

/** A bucket of an S3-compatible server. */
export interface BucketConfig {
  name: string;
  /** Parts of what stands before every key. */
  prefix: string[];
  endpoint: string;
  region: string;
}

/** Everything that a process of the pipeline is told, read once and frozen. */
export interface Config extends ObservabilityConfig {
  /** Folder of the embedded servers, artifacts, logs and lock file. */
  dataDir: string;
  databaseUrl: string;
  /** Postgres schema that holds the tables; one per test file. */
  schema: string;
  redisUrl: string;
  /** Put before every Redis key and channel. */
  redisPrefix: string;
  temporal: TemporalConfig;
  api: { host: string; port: number };
  /** Who may call the API; without keys everybody on this machine, and nobody else. */
  access: { keys: ApiKey[]; ratePerMinute: number };
  /** Root folder of the artifact store; with a bucket that of its files that this machine keeps. */
  artifactsDir: string;
  /** Where artifacts lie when it is no folder. */
  bucket: BucketConfig | null;
  /** With a bucket: so much of it is kept in `artifactsDir`. */
  artifactCacheBytes: number;
  /** Files of a video are removed so many days after its end, shared ones after their last use; 0 = never. */
  artifactDays: number;
  retention: RetentionConfig;
  /** Most orders that may wait; one more is refused with 429. */
  queueMax: number;
  money: {
    /** Most that all videos of a day may cost; null = no limit. */
    dailyLimit: Micros | null;
    /** Highest cap that one video may be given. */
    costCeiling: Micros;
    /** IANA name of the time zone whose days are meant. */
    timeZone: string;
    /** What a thousand views are taken to earn. */
    cpm: Micros;
    /** Views that a video is taken to have before they are measured. */
    viewsPerVideo: number;
  };
  slots: Record<Lane | 'io', number>;
  /** Places offered per lane; undefined = by the machine's size. */
  places: Partial<Record<Lane, number>>;
  machine: {
    id: string;
    cores: number;
    memoryBytes: number;
    /** Index or UUID of the graphics card of the gpu lane; null = the first one. */
    gpu: string | null;
    /** The program that tells of NVIDIA cards. */
    nvidiaSmi: string;
  };
  times: {
    /** How long a worker's registration lives without renewal. */
    leaseMs: number;
    /** Tick of reconcile. */
    reconcileMs: number;
    /** A provider that fails closes for this long at first, at most fifteen times as long. */
    providerClosedMs: number;
    /** A stage that our own servers fail for this long is told of, and after the second time gives its place back. */
    troubleAlertMs: number;
    troubleReleaseMs: number;
    /** Tick of the removal of what is too old. */
    tidyMs: number;
    /** A statement that Postgres does not answer for this long has failed, and its connection is given up. */
    databaseAnswerMs: number;
    /** An admission unclaimed for this long is delivered again. */
    redeliverMs: number;
    /** Factor on the waits between attempts; tests set it near 0. */
    retryScale: number;
    /** A stopping worker waits this long for its stages, then hands them back; that is no retry. */
    shutdownGraceMs: number;
    /** The embedded stack stops after this long without work or watchers. */
    idleStopMs: number;
  };
  /** Where a worker process writes its pid once it polls; null = nowhere. */
  readyFile: string | null;
  /** A render is refused when fewer bytes than this are free. */
  minFreeDiskBytes: number;
  tools: {
    ffmpeg: string;
    ffprobe: string;
    ttsPython: string | null;
    espeak: string | null;
  };
  providers: {
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
  };
  /** Folder of the operator's music; null = only the music that is made here. */
  musicDir: string | null;
  youtube: YoutubeConfig;
  webhooks: WebhooksConfig;
  /** Who takes over from a provider that is closed or has used up its tries; without one the video waits. */
  fallbacks: Fallbacks;
  /** Price list that replaces the shipped one; null = infra/prices.json. */
  pricesFile: string | null;
}

/** OpenAI's endpoint, and the models that are used when none is named; each has its row in infra/prices.json. */
export const OPENAI_URL = 'https://api.openai.com/v1';
export const DEFAULT_CHAT_MODEL = 'gpt-4o-mini';
export const DEFAULT_SPEECH_MODEL = 'gpt-4o-mini-tts';
export const DEFAULT_SPEECH_VOICE = 'alloy';
export const DEFAULT_TRANSCRIPTION_MODEL = 'whisper-1';
/** What stands before `/videos/search`. */
const PEXELS_URL = 'https://api.pexels.com';
const PEXELS_HOSTS = ['videos.pexels.com', 'player.vimeo.com'];

/**
 * Config from the environment. DATABASE_URL, REDIS_URL and TEMPORAL_ADDRESS are given by the operator
 * or by the embedded stack; without them an Error names what is missing.
 */
export function readConfig(env: Env): Config {
  const dataDir = resolve(env.DATA_DIR ?? '.data');
  const missing = (['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS'] as const).filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(`${missing.join(', ')} not set: set them, or start the embedded stack with "npm run up"`);
  }
  return Object.freeze({
    dataDir,
    databaseUrl: env.DATABASE_URL ?? '',
    schema: env.DATABASE_SCHEMA ?? 'public',
    redisUrl: env.REDIS_URL ?? '',
    redisPrefix: env.REDIS_PREFIX ?? '',
    temporal: temporalConfig(env),
    api: { host: env.API_HOST ?? '127.0.0.1', port: env.API_PORT ?? 8787 },
    access: { keys: parseApiKeys(env.API_KEYS ?? ''), ratePerMinute: env.RATE_LIMIT ?? 600 },
    ...artifactsOf(env, dataDir),
    retention: retentionConfig(env),
    queueMax: env.QUEUE_MAX ?? 100,
    money: moneyOf(env),
    slots: {
      gpu: env.GPU_SLOTS ?? LANE_SLOTS.gpu,
      cpu: env.CPU_SLOTS ?? LANE_SLOTS.cpu,
      io: env.IO_SLOTS ?? IO_SLOTS,
    },
    places: {
      ...(env.GPU_PLACES && { gpu: env.GPU_PLACES }),
      ...(env.CPU_PLACES && { cpu: env.CPU_PLACES }),
    },
    machine: {
      id: env.MACHINE_ID ?? hostname(),
      cores: env.MACHINE_CORES ?? cpus().length,
      memoryBytes: totalmem(),
      gpu: env.GPU_ID ?? null,
      nvidiaSmi: env.NVIDIA_SMI_PATH ?? 'nvidia-smi',
    },
    times: timesOf(env),
    readyFile: env.READY_FILE ?? null,
    minFreeDiskBytes: (env.MIN_FREE_DISK_MB ?? 500) * 1024 ** 2,
    tools: {
      ffmpeg: env.FFMPEG_PATH ?? 'ffmpeg',
      ffprobe: env.FFPROBE_PATH ?? 'ffprobe',
      ttsPython: env.TTS_PYTHON ?? null,
      espeak: env.ESPEAK_PATH ?? null,
    },
    ...servicesOf(env),
    fallbacks: env.FALLBACKS ?? {},
    ...ownFilesOf(env),
    ...observabilityConfig(env),
  });
}

function timesOf(env: Env): Config['times'] {
  return {
    leaseMs: env.LEASE_MS ?? 15_000,
    reconcileMs: env.RECONCILE_MS ?? 10_000,
    providerClosedMs: env.PROVIDER_CLOSED_MS ?? 60_000,
    troubleAlertMs: env.TROUBLE_ALERT_MS ?? 60_000,
    troubleReleaseMs: env.TROUBLE_RELEASE_MS ?? 15 * 60_000,
    tidyMs: env.TIDY_MS ?? 10 * 60_000,
    databaseAnswerMs: env.DATABASE_ANSWER_MS ?? 60_000,
    redeliverMs: env.REDELIVER_MS ?? 3_000,
    retryScale: env.RETRY_SCALE ?? 1,
    shutdownGraceMs: env.SHUTDOWN_GRACE_MS ?? 60_000,
    idleStopMs: env.IDLE_STOP_MS ?? 30 * 60_000,
  };
}

function ownFilesOf(env: Env): Pick<Config, 'musicDir' | 'pricesFile'> {
  return {
    musicDir: env.MUSIC_DIR === undefined ? null : resolve(env.MUSIC_DIR),
    pricesFile: env.PRICES_FILE ?? null,
  };
}

function servicesOf(env: Env): Pick<Config, 'providers' | 'youtube' | 'webhooks'> {
  return { providers: providersOf(env), youtube: youtubeConfig(env), webhooks: webhooksConfig(env) };
}

/** Estimates for the report of revenue, for a farm that has measured nothing yet. */
const DEFAULT_CPM: Micros = 2_000_000;
const DEFAULT_VIEWS = 1_000;

function moneyOf(env: Env): Config['money'] {
  return {
    dailyLimit: env.DAILY_LIMIT_USD ?? null,
    costCeiling: env.COST_CEILING_USD ?? DEFAULT_CAP,
    timeZone: env.REPORT_TZ ?? 'UTC',
    cpm: env.CPM_USD ?? DEFAULT_CPM,
    viewsPerVideo: env.VIEWS_PER_VIDEO ?? DEFAULT_VIEWS,
  };
}

const BUCKET_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.-]+)*)\/?$/;

type ArtifactConfig = Pick<Config, 'artifactsDir' | 'bucket' | 'artifactCacheBytes' | 'artifactDays'>;

function artifactsOf(env: Env, dataDir: string): ArtifactConfig {
  const url = env.ARTIFACTS ?? `file:${join(dataDir, 'artifacts')}`;
  const kept = {
    artifactCacheBytes: (env.ARTIFACT_CACHE_MB ?? 10_240) * 1024 ** 2,
    artifactDays: env.ARTIFACT_DAYS ?? 30,
  };
  if (url.startsWith('file:')) {
    return { ...kept, artifactsDir: resolve(url.slice('file:'.length)), bucket: null };
  }
  const [, name, path = ''] = BUCKET_URL.exec(url) ?? [];
  const prefix = path.split('/').filter((part) => part !== '');
  if (name === undefined || prefix.some((part) => /^\.+$/.test(part))) {
    throw new Error(`ARTIFACTS: expected file:<folder> or s3://<bucket>/<prefix>, not "${url}"`);
  }
  const region = env.S3_REGION ?? 'us-east-1';
  const endpoint = env.S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`;
  const artifactsDir = join(dataDir, 'artifact-cache');
  return { ...kept, artifactsDir, bucket: { name, prefix, endpoint, region } };
}

function providersOf(env: Env): Config['providers'] {
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
function footageOf(env: Env): Config['providers']['footage'] {
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
