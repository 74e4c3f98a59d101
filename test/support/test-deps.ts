import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageInput } from '../../domain/contract.ts';
import type { Lane } from '../../domain/lanes.ts';
import type { Order } from '../../domain/video.ts';
import { closeDeps, type Deps, openDeps } from '../../infra/deps.ts';
import { createLogger, type Logger } from '../../infra/logger.ts';
import { processMark } from '../../infra/processes/process-mark.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { type Config, readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';
import { migrate } from '../../infra/stores/postgres.ts';
import { NO_TRACES } from '../../infra/tracing/tracing.ts';

/** Deps of one test file: own schema, key prefix, task queues and folder on the servers of the environment. */
export interface TestDeps extends Deps {
  /** Drops the schema, removes the folder, closes the connections. Redis and Temporal keep what is under our prefix. */
  close(): Promise<void>;
}

export type ConfigOverrides = { [K in keyof Config]?: Config[K] | Partial<Config[K]> };

/** Opens real servers under fresh names, with times short enough for tests. Overrides go one level deep. */
export async function createTestDeps(
  overrides: ConfigOverrides = {},
  tracing = NO_TRACES,
): Promise<TestDeps> {
  const config = await testConfig(overrides);
  await migrate(config);
  const deps = await openDeps(config, testLogger(), NO_SECRETS, tracing);
  // Of two hundred that share ten connections the last one waits long on a busy machine.
  deps.pool.options.connectionTimeoutMillis = 50_000;
  return {
    ...deps,
    close: async () => {
      await deps.pool.query(`DROP SCHEMA ${config.schema} CASCADE`);
      await closeDeps(deps);
      await rm(config.dataDir, { recursive: true, force: true });
    },
  };
}

/** A config with names that no other test has; nothing is created, not even its folder. */
export async function testConfig(overrides: ConfigOverrides = {}): Promise<Config> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const dataDir = join(tmpdir(), `ytempire-test-${name}`);
  const read = readConfig({
    ...readEnv(),
    DATA_DIR: dataDir,
    ARTIFACTS: `file:${join(dataDir, 'artifacts')}`,
    DATABASE_SCHEMA: name,
    REDIS_PREFIX: `${name}:`,
    TASK_QUEUE_PREFIX: `${name}-`,
    MACHINE_ID: name,
    RATE_LIMIT: 1_000_000,
    LEASE_MS: 5_000,
    RECONCILE_MS: 200,
    REDELIVER_MS: 100,
    RETRY_SCALE: 0.01,
    SHUTDOWN_GRACE_MS: 0,
  });
  // A busy machine must not lose events that a test looks for.
  const base = { ...read, times: { ...read.times, eventAnswerMs: 5_000 } };
  const merged = Object.entries(overrides).map(([key, value]) => [
    key,
    isRecord(value) ? { ...(base[key as keyof Config] as object), ...value } : value,
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

/** Silent unless LOG_LEVEL asks for more. */
export function testLogger(): Logger {
  return createLogger(readEnv().LOG_LEVEL ?? 'fatal', 'test');
}

/** A valid order on a topic. */
export function anOrder(overrides: Partial<Order> = {}): Order {
  return {
    user_id: 'tester',
    channel_id: 'channel-1',
    prompt: 'How the deep sea was mapped',
    priority: 5,
    complexity: 'simple',
    keywords: [],
    duration: 60,
    aspect: '16:9',
    language: 'en',
    tags: [],
    max_cost: 3_000_000,
    ...overrides,
  };
}

/** Orders a video and returns its id. */
export async function submitVideo(deps: Deps, order: Partial<Order> = {}): Promise<string> {
  const answer = await submitOrder(deps, anOrder(order));
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

/** Leaves one video, which has the only place, and returns what its stages are told of it. */
export async function admittedVideo(deps: Deps): Promise<StageInput> {
  await deps.pool.query('DELETE FROM video_queue');
  await registerPlaces(deps, { cpu: 1 });
  return { video_id: await submitVideo(deps), generation: 1, admission_no: 1, lane: 'cpu' };
}

/** Living workers that offer these places, without a process behind them: a real one may take their lanes over. */
export async function registerPlaces(deps: Deps, places: Partial<Record<Lane, number>>): Promise<void> {
  const gone = (await processMark(deps.config.machine.id)).replace(/[^-]+$/, '1');
  for (const [lane, count] of Object.entries(places)) {
    await deps.pool.query(
      `INSERT INTO lane_workers (machine_id, lane, worker, pid, pid_started, slots, places, encoder, lease_until)
       VALUES ($1, $2, 'test', $3, $5, $4, $4, 'none', now() + interval '1 hour')
       ON CONFLICT (machine_id, lane, device) DO UPDATE SET places = excluded.places, lease_until = excluded.lease_until`,
      [deps.config.machine.id, lane, process.pid, count, gone],
    );
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
