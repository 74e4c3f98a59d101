import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '../logger.ts';
import type { Hide } from '../settings/hide-secrets.ts';

/** Hides secrets in what spans quote of errors, and tells of a collector that is away once an outage. */
export function exportQuietly(exporter: SpanExporter, log: Logger, hide: Hide): SpanExporter {
  let away = false;
  return {
    export(spans, done) {
      for (const span of spans) hideIn(span, hide);
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !away) log.warn({ err: result.error }, 'the collector does not take traces');
        if (!failed && away) log.info('the collector takes traces again');
        away = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

function hideIn({ status, events, attributes }: ReadableSpan, hide: Hide): void {
  if (status.message !== undefined) status.message = hide(status.message);
  for (const values of [attributes, ...events.map((event) => event.attributes ?? {})]) {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string') values[name] = hide(value);
    }
  }
}
