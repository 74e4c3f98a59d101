import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { DEFAULT_CAP } from '../../domain/budget.ts';
import { IO_SLOTS, LANE_SLOTS, type Lane } from '../../domain/lanes.ts';
import type { Micros } from '../../domain/money.ts';
import { type ApiKey, parseApiKeys } from './api-keys.ts';
import { type ArtifactsConfig, artifactsConfig } from './artifacts-config.ts';
import type { Env } from './env.ts';
import type { Fallbacks } from './fallbacks.ts';
import { type ObservabilityConfig, observabilityConfig } from './observability-config.ts';
import { type ProvidersConfig, providersConfig } from './providers-config.ts';
import { type RetentionConfig, retentionConfig } from './retention-config.ts';
import { type TemporalConfig, temporalConfig } from './temporal-config.ts';
import { usableCores, usableMemory } from './usable-machine.ts';
import { type WebhooksConfig, webhooksConfig } from './webhooks-config.ts';
import { type YoutubeConfig, youtubeConfig } from './youtube-config.ts';

/** Everything that a process of the pipeline is told, read once and frozen. */
export interface Config extends ArtifactsConfig, ObservabilityConfig {
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
    /** An event that Redis has not taken within this is dropped, so that no stage waits for its telling. */
    eventAnswerMs: number;
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
  providers: ProvidersConfig;
  /** Folder of the operator's music; null = only the music that is made here. */
  musicDir: string | null;
  youtube: YoutubeConfig;
  webhooks: WebhooksConfig;
  /** Who takes over from a provider that is closed or has used up its tries; without one the video waits. */
  fallbacks: Fallbacks;
  /** Price list that replaces the shipped one; null = infra/prices.json. */
  pricesFile: string | null;
}

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
    ...artifactsConfig(env, dataDir),
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
      cores: env.MACHINE_CORES ?? usableCores(),
      memoryBytes: usableMemory(),
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
    eventAnswerMs: 200,
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
  return { providers: providersConfig(env), youtube: youtubeConfig(env), webhooks: webhooksConfig(env) };
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
