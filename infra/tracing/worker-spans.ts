import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  type OpenTelemetrySinks,
} from '@temporalio/interceptors-opentelemetry';
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { Tracing } from './tracing.ts';

/** Spans of activities, and the way out of the sandbox for those of workflows, which is closed while they replay. */
export function traceWorker(processor: SpanProcessor, resource: Resource): Tracing['worker'] {
  const { fn } = makeWorkflowExporter(processor, resource).export;
  const sinks: InjectedSinks<OpenTelemetrySinks> = {
    exporter: { export: { fn: (info, spans) => fn(shownOf(info), spans), callDuringReplay: false } },
  };
  return {
    interceptors: {
      activity: [(activity) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(activity) })],
    },
    sinks,
  };
}

/** All of it would become attributes, memo and search attributes too. */
function shownOf({ workflowId, runId, workflowType }: WorkflowInfo): WorkflowInfo {
  return { workflowId, runId, workflowType } as WorkflowInfo;
}
