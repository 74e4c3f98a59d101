import type { Env } from './env.ts';

/** What a process lets others know of it. */
export interface ObservabilityConfig {
  logLevel: string;
  /** Where a worker is scraped: its own metrics, and those of Temporal's SDK; null = not at all. */
  metrics: { host: string; port: number | null; temporalPort: number | null };
  /** Base URL of the collector of traces; null = no traces. */
  tracesUrl: string | null;
}

export function observabilityConfig(env: Env): ObservabilityConfig {
  return {
    logLevel: env.LOG_LEVEL ?? 'info',
    metrics: {
      host: env.METRICS_HOST ?? '127.0.0.1',
      port: env.METRICS_PORT ?? null,
      temporalPort: env.TEMPORAL_METRICS_PORT ?? null,
    },
    tracesUrl: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}
