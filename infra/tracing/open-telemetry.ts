import { setTimeout as wait } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
} from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';
import type { Logger } from '../logger.ts';
import type { Hide } from '../settings/hide-secrets.ts';
import { exportQuietly } from './quiet-exporter.ts';
import type { Tracing } from './tracing.ts';
import { traceWorker } from './worker-spans.ts';

const EXPORT_TIMEOUT_MS = 5_000;
const EVERY_MS = 500;
const CLOSE_WITHIN_MS = 3_000;
const SERVER_ERROR = 500;

export interface TraceTarget {
  /** Base URL of the collector. */
  url: string;
  /** As name=value, parted by commas. */
  headers: string | null;
  /** Who sends: `ytempire-api`, `ytempire-worker`. */
  service: string;
}

/** A trace begins with a request; what begins by itself (timers, passes of repair) would be noise. */
const REQUESTS_ONLY: Sampler = {
  shouldSample: (_context, _traceId, _name, kind) => ({
    decision: kind === SpanKind.SERVER ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  }),
  toString: () => 'RequestsOnly',
};

/** Sends traces to a collector from now on. Once a process: the library keeps its state in globals. */
export function startOpenTelemetry({ url, headers, service }: TraceTarget, log: Logger, hide: Hide): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${url.replace(/\/+$/, '')}/v1/traces`,
    headers: headersOf(headers),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const processor = new BatchSpanProcessor(exportQuietly(exporter, log, hide), {
    scheduledDelayMillis: EVERY_MS,
  });
  const resource = new Resource({ 'service.name': service, 'process.pid': process.pid });
  const provider = new NodeTracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: REQUESTS_ONLY }),
    spanProcessors: [processor],
  });
  provider.register();
  return {
    on: true,
    parent: traceParent,
    logFields: () => {
      const id = trace.getActiveSpan()?.spanContext().traceId;
      return id === undefined ? {} : { trace_id: id };
    },
    within: (parent, work) => context.with(contextOf(parent), work),
    request: traceRequest,
    client: { interceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] } },
    worker: traceWorker(processor, resource),
    close: () => {
      // A collector that does not take them has been told of.
      const sent = provider.shutdown().catch(() => undefined);
      return Promise.race([sent, wait(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

const traceRequest: Tracing['request'] = (parent, work) =>
  trace
    .getTracer('ytempire')
    .startActiveSpan('request', { kind: SpanKind.SERVER }, contextOf(parent), async (span) => {
      try {
        return await work({
          end(method, route, status) {
            span.updateName(`${method} ${route}`);
            span.setAttributes({
              'http.request.method': method,
              'http.route': route,
              'http.response.status_code': status,
            });
            if (status >= SERVER_ERROR) span.setStatus({ code: SpanStatusCode.ERROR });
          },
        });
      } finally {
        span.end();
      }
    });

function traceParent(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** Never what is under way now: that may be the settling of another video. A traceparent that is none counts as none. */
function contextOf(traceparent: string | null) {
  return traceparent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

/** name=value, parted by commas; a value may hold further `=`, as base64 does. */
function headersOf(text: string | null): Record<string, string> {
  const pairs = (text ?? '').split(',').map((header) => {
    const [name = '', ...value] = header.split('=');
    return [name.trim(), value.join('=').trim()];
  });
  return Object.fromEntries(pairs.filter(([name, value]) => name && value));
}
