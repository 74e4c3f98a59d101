import { z } from 'zod';

/**
 * The only file that reads the environment. Every name is optional; defaults and cross-checks are in
 * config.ts. A value of the wrong shape is reported with its name, all problems at once.
 */
const count = z.coerce.number().int().min(1);
const ms = z.coerce.number().int().min(10);

const schema = z.object({
  DATA_DIR: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/, 'lower-case letters, digits and _')
    .optional(),
  REDIS_URL: z.string().optional(),
  REDIS_PREFIX: z.string().optional(),
  TEMPORAL_ADDRESS: z.string().optional(),
  TEMPORAL_NAMESPACE: z.string().optional(),
  TEMPORAL_UI: z.string().optional(),
  TASK_QUEUE_PREFIX: z.string().optional(),
  API_HOST: z.string().optional(),
  API_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  ARTIFACTS: z.string().optional(),
  QUEUE_MAX: count.optional(),
  GPU_SLOTS: count.optional(),
  CPU_SLOTS: count.optional(),
  IO_SLOTS: count.optional(),
  GPU_PLACES: count.optional(),
  CPU_PLACES: count.optional(),
  MACHINE_ID: z.string().optional(),
  LEASE_MS: ms.optional(),
  RECONCILE_MS: ms.optional(),
  REDELIVER_MS: ms.optional(),
  RETRY_SCALE: z.coerce.number().min(0).max(1).optional(),
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).optional(),
  IDLE_STOP_MS: ms.optional(),
  MIN_FREE_DISK_MB: z.coerce.number().int().min(0).optional(),
  FFMPEG_PATH: z.string().optional(),
  FFPROBE_PATH: z.string().optional(),
  TTS_PYTHON: z.string().optional(),
  ESPEAK_PATH: z.string().optional(),
  REDIS_SERVER: z.string().optional(),
  REDIS_LIBRARY_PATH: z.string().optional(),
  POSTGRES_HOME: z.string().optional(),
  TEMPORAL_CLI: z.string().optional(),
  TEMPORAL_IN_MEMORY: z.stringbool().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url().optional(),
  OPENAI_MODEL: z.string().optional(),
  SPEECH_API_KEY: z.string().optional(),
  SPEECH_BASE_URL: z.url().optional(),
  SPEECH_MODEL: z.string().optional(),
  SPEECH_VOICE: z.string().optional(),
  TRANSCRIPTION_MODEL: z.string().optional(),
  TTS_COMMAND: z.string().optional(),
  PEXELS_API_KEY: z.string().optional(),
  PEXELS_BASE_URL: z.url().optional(),
  FOOTAGE_HOSTS: z.string().optional(),
  PRICES_FILE: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).optional(),
  MACHINE_CORES: count.optional(),
});

export type Env = z.infer<typeof schema>;

/** Reads the environment; throws an Error that lists every variable with a wrong value. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment has wrong values:\n  ${problems.join('\n  ')}`);
}

/** The environment that child processes may see parts of; see activities/child.ts. */
export const childEnvironment: Readonly<NodeJS.ProcessEnv> = process.env;
