import type { ClientOptions } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';

/** What joins the parts of a video's way, from the request that ordered it to its last stage, into one trace. */
export interface Tracing {
  /** W3C traceparent of what is under way; null = it is not traced. */
  parent(): string | null;
  /** Fields by which a log line is found from a trace. */
  logFields(): { trace_id?: string };
  /** Does the work as part of the trace that a traceparent names. */
  within<T>(parent: string | null, work: () => Promise<T>): Promise<T>;
  /** Does the work as the span of a request; `parent` is the traceparent that it came with. */
  request<T>(parent: string | null, work: (span: RequestSpan) => Promise<T>): Promise<T>;
  /** What makes calls to Temporal carry the trace, and workflows and activities spans of it. */
  client: Pick<ClientOptions, 'interceptors'>;
  worker: Pick<WorkerOptions, 'interceptors' | 'sinks'>;
  /** Whether workers need the bundle whose workflows are traced. */
  on: boolean;
  /** Sends what is left, within three seconds. */
  close(): Promise<void>;
}

export interface RequestSpan {
  /** What was asked for, and what the answer was. */
  end(method: string, route: string, status: number): void;
}

/** Nothing is traced, and no library for it is loaded. */
export const NO_TRACES: Tracing = {
  parent: () => null,
  logFields: () => ({}),
  within: (_, work) => work(),
  request: (_, work) => work({ end: () => undefined }),
  client: {},
  worker: {},
  on: false,
  close: async () => undefined,
};
