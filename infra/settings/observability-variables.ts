import { text, url, variable, whole } from './env-values.ts';

const port = whole(1, 65_535);

/** What other programs may know of the pipeline. */
export const OBSERVABILITY = {
  METRICS_PORT: variable(
    port,
    'Port on which a worker shows its metrics to Prometheus; without it none. The API shows its own at /metrics.',
  ),
  TEMPORAL_METRICS_PORT: variable(
    port,
    "Port of the metrics of Temporal's SDK in a worker; without it none.",
  ),
  METRICS_HOST: variable(
    text,
    'Address of both; whoever reaches it may read them, without a key.',
    '127.0.0.1',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(
    url,
    'OpenTelemetry collector (OTLP over HTTP) that is sent a trace of each video; without it none is made.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: variable(
    text,
    'Headers for it as name=value parted by commas, for example with its key.',
  ),
};
