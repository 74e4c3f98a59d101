import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came, with its attributes as one object. */
export interface CollectedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  service: string;
  attributes: Record<string, unknown>;
  /** What it says of itself, and of its errors. */
  text: string;
}

export interface FakeCollector {
  url: string;
  spans: CollectedSpan[];
  /** Headers of each request. */
  headers: Record<string, unknown>[];
  /** What it answers; 200 takes the spans. */
  status: number;
  close(): Promise<void>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: {
        name: string;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        attributes: Attribute[];
      }[];
    }[];
  }[];
}

/** A server that takes traces as an OpenTelemetry collector does: OTLP over HTTP, in JSON. */
export async function startFakeCollector(): Promise<FakeCollector> {
  const collector: FakeCollector = {
    ...{ url: '', spans: [], headers: [], status: 200 },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      response.writeHead(404).end();
      return;
    }
    collector.headers.push(request.headers);
    if (collector.status === 200) collector.spans.push(...spansOf(JSON.parse(body)));
    response
      .writeHead(collector.status, { 'content-type': 'application/json', connection: 'close' })
      .end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collector;
}

function spansOf({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || null,
        service: String(valuesOf(resource.attributes)['service.name']),
        attributes: valuesOf(span.attributes),
        text: JSON.stringify(span),
      })),
    ),
  );
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
