import { type Config, readConfig } from '../settings/config.ts';
import type { Env } from '../settings/env.ts';
import { readSecrets } from '../settings/secrets.ts';
import { temporalConfig } from '../settings/temporal-config.ts';
import { Keeper } from './keeper.ts';
import type { ServiceEntry } from './lock-file.ts';
import { POSTGRES_ATTEMPTS, planPostgres } from './postgres.ts';
import { planRedis } from './redis.ts';
import type { ServerPlace, ServerPlan, ServerUrls } from './service.ts';
import { planTemporal } from './temporal.ts';

const ATTEMPTS = 3;

export interface ServersOptions extends ServerPlace {
  /** The tools' paths; a server whose URL stands here is the operator's and is not started. */
  settings: Env;
  /** Temporal in memory and Postgres without fsync: for tests. */
  throwaway: boolean;
  onChange: () => void;
  onLoss: (name: string, reason: string) => void;
}

export interface Servers {
  /** Known before the servers answer. */
  urls: Partial<ServerUrls>;
  /** Postgres migrated, and Redis answers. */
  storesReady: Promise<void>;
  /** Temporal answers and knows the search attributes. */
  temporalReady: Promise<void>;
  entries(): Record<string, ServiceEntry>;
  /** Stops in the order that leaves every client before its server. */
  stop(): Promise<void>;
}

/** Starts Postgres, Redis and Temporal side by side, each on a free port of 127.0.0.1. */
export function startServers(options: ServersOptions): Servers {
  const { settings, throwaway } = options;
  const urls = given(settings);
  const keepers: Record<string, Keeper> = {};

  async function keep(name: string, attempts: number, planServer: () => Promise<ServerPlan>): Promise<void> {
    const plan = async () => {
      const server = await planServer();
      Object.assign(urls, server.urls);
      return server.plan;
    };
    const onLoss = (reason: string) => options.onLoss(name, reason);
    keepers[name] = new Keeper({ plan, attempts, onChange: options.onChange, onLoss });
    await keepers[name].start();
  }

  const postgres =
    !urls.DATABASE_URL &&
    keep('postgres', POSTGRES_ATTEMPTS, () =>
      planPostgres(options, required(settings, 'POSTGRES_HOME'), !throwaway),
    );
  const redis =
    !urls.REDIS_URL &&
    keep('redis', ATTEMPTS, () =>
      planRedis(options, required(settings, 'REDIS_SERVER'), settings.REDIS_LIBRARY_PATH),
    );
  const temporal =
    !urls.TEMPORAL_ADDRESS &&
    keep('temporal', ATTEMPTS, async () => {
      refuseEncryption(settings);
      return planTemporal(options, required(settings, 'TEMPORAL_CLI'), throwaway);
    });
  const migrated = Promise.resolve(postgres).then(() => migrateAt(settings, urls));
  return {
    urls,
    storesReady: Promise.all([migrated, redis]).then(() => undefined),
    temporalReady: Promise.resolve(temporal).then(() => registerAt(settings, urls)),
    entries: () => entriesOf(keepers),
    stop: () => stopInOrder(keepers),
  };
}

function given(settings: Env): Partial<ServerUrls> {
  return {
    ...(settings.DATABASE_URL && { DATABASE_URL: settings.DATABASE_URL }),
    ...(settings.REDIS_URL && { REDIS_URL: settings.REDIS_URL }),
    ...(settings.TEMPORAL_ADDRESS && { TEMPORAL_ADDRESS: settings.TEMPORAL_ADDRESS }),
    ...(settings.TEMPORAL_UI && { TEMPORAL_UI: settings.TEMPORAL_UI }),
  };
}

function required(settings: Env, name: 'POSTGRES_HOME' | 'REDIS_SERVER' | 'TEMPORAL_CLI'): string {
  const value = settings[name];
  if (value) return value;
  throw new Error(`${name} is not set: start through "npm run", which finds the tools.`);
}

/** The embedded server speaks in clear; who sets this means another one. */
function refuseEncryption(settings: Env): void {
  if (temporalConfig(settings).tls === null) return;
  throw new Error(
    'TEMPORAL_API_KEY and TEMPORAL_TLS* are for a server of yours: set TEMPORAL_ADDRESS to it, or unset them.',
  );
}

/** The config while some servers have no address yet. */
function configSoFar(settings: Env, urls: Partial<ServerUrls>): Config {
  const unknown = { DATABASE_URL: 'unknown', REDIS_URL: 'unknown', TEMPORAL_ADDRESS: 'unknown' };
  return readConfig({ ...settings, ...unknown, ...urls });
}

/** Imported late, so that the servers start while these load. */
async function migrateAt(settings: Env, urls: Partial<ServerUrls>): Promise<void> {
  const { migrate } = await import('../stores/postgres.ts');
  await migrate(configSoFar(settings, urls));
}

async function registerAt(settings: Env, urls: Partial<ServerUrls>): Promise<void> {
  const { connectTemporal, ensureSearchAttributes } = await import('../temporal/temporal.ts');
  const config = configSoFar(settings, urls);
  const client = await connectTemporal(config, readSecrets(settings));
  try {
    await ensureSearchAttributes(client, config);
  } finally {
    await client.connection.close();
  }
}

export function entriesOf(keepers: Record<string, Keeper>): Record<string, ServiceEntry> {
  const running = Object.entries(keepers).map(([name, keeper]) => [name, keeper.entry()] as const);
  return Object.fromEntries(running.filter((pair): pair is [string, ServiceEntry] => pair[1] !== null));
}

async function stopInOrder(keepers: Record<string, Keeper>): Promise<void> {
  for (const name of ['temporal', 'redis', 'postgres']) await keepers[name]?.stop();
}
