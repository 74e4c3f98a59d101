import type { Client } from '@temporalio/client';
import type pg from 'pg';
import { type ArtifactStore, openArtifacts } from './artifacts/store.ts';
import { createEventStream, type EventStream } from './events/event-stream.ts';
import type { Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { loadPrices, type PriceList } from './money/prices.ts';
import { withAlerts } from './notify/alerts.ts';
import type { Config } from './settings/config.ts';
import { NO_SECRETS, type Secrets } from './settings/secrets.ts';
import { openPool } from './stores/postgres.ts';
import { connectTemporal } from './temporal/temporal.ts';
import { NO_TRACES, type Tracing } from './tracing/tracing.ts';

/** What a process of the pipeline works with; opened once, passed on as one argument. */
export interface Deps {
  config: Config;
  log: Logger;
  metrics: Metrics;
  tracing: Tracing;
  pool: pg.Pool;
  events: EventStream;
  artifacts: ArtifactStore;
  temporal: Client;
  prices: PriceList;
  secrets: Secrets;
}

/**
 * Opens everything. Servers are reached on first use, so that one that is away does not stop the start. Only a
 * process that calls providers is given their keys.
 */
export async function openDeps(
  config: Config,
  log: Logger,
  secrets = NO_SECRETS,
  tracing = NO_TRACES,
): Promise<Deps> {
  const deps = {
    config,
    log,
    secrets,
    metrics: createMetrics(),
    tracing,
    prices: loadPrices(config.pricesFile),
    artifacts: openArtifacts(config, secrets),
    temporal: await connectTemporal(config, secrets, tracing),
    pool: openPool(config),
    events: createEventStream(config, log),
  };
  return { ...deps, events: withAlerts(deps) };
}

/** Closes in reverse order; what is under way on a connection ends first. */
export async function closeDeps(deps: Deps): Promise<void> {
  await deps.events.close();
  await deps.pool.end();
  await deps.temporal.connection.close();
  await deps.tracing.close();
}
