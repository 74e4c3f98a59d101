import { createLogger, type Logger } from '../logger.ts';
import type { Config } from '../settings/config.ts';
import { hideFor } from '../settings/hide-secrets.ts';
import type { Secrets } from '../settings/secrets.ts';
import { NO_TRACES, type Tracing } from './tracing.ts';

/** A process's log, whose lines name their trace, and its traces where a collector is configured. */
export async function openLog(
  config: Config,
  secrets: Secrets,
  { name, service }: { name: string; service: string },
): Promise<{ log: Logger; tracing: Tracing }> {
  const hide = hideFor(config, secrets);
  let tracing = NO_TRACES;
  const log = createLogger(config.logLevel, name, hide, undefined, () => tracing.logFields());
  if (config.tracesUrl !== null) {
    const { startOpenTelemetry } = await import('./open-telemetry.ts');
    const target = { url: config.tracesUrl, headers: secrets.traceHeaders, service };
    tracing = startOpenTelemetry(target, log, hide);
  }
  return { log, tracing };
}
