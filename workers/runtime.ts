import { DefaultLogger, Runtime, type RuntimeOptions } from '@temporalio/worker';
import type { Logger } from '../infra/logger.ts';
import type { Config } from '../infra/settings/config.ts';

/** Said of each worker of stages at its start: workflows have a queue of their own. */
const BY_DESIGN = 'No workflows registered, not polling for workflow tasks';

/** Temporal's SDK as this process uses it: its warnings are lines of our log, its metrics may be scraped. */
export function installRuntime({ metrics }: Pick<Config, 'metrics'>, log: Logger): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (message === BY_DESIGN) return;
    log[level === 'ERROR' ? 'error' : 'warn'](meta ?? {}, message);
  });
  const telemetryOptions = {
    logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
    ...(metrics.temporalPort !== null && { metrics: scraped(metrics.host, metrics.temporalPort) }),
  } satisfies RuntimeOptions['telemetryOptions'];
  try {
    Runtime.install({ logger, telemetryOptions, shutdownSignals: [] });
  } catch (error) {
    if (metrics.temporalPort === null) throw error;
    const where = `${metrics.host}:${metrics.temporalPort}`;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `metrics of Temporal's SDK cannot be shown on ${where}: ${why}; set TEMPORAL_METRICS_PORT`,
    );
  }
}

function scraped(host: string, port: number) {
  const bindAddress = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const names = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
  return { metricPrefix: 'temporal_', prometheus: { bindAddress, ...names } };
}
