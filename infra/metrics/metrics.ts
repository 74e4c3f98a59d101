import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import {
  type LabelsOf,
  METRICS,
  type MetricName,
  type MetricSpec,
  type NameOf,
} from '../../domain/metrics.ts';

/** One value of a gauge or counter, with its labels. */
export type Sample<Name extends MetricName> = readonly [labels: LabelsOf<Name>, value: number];

/** The metrics of a process, by the names of the table in domain/metrics.ts. */
export interface Metrics {
  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): void;
  /** In the unit of the metric's name. */
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** These are all the values that the metric has now, as somebody else keeps them. */
  show<Name extends NameOf<'gauge' | 'counter'>>(name: Name, samples: readonly Sample<Name>[]): void;
  /** Memory, CPU time, event loop and garbage collection of this process from now on. */
  watchProcess(): void;
  /** All of it in the text format of Prometheus. */
  text(): Promise<string>;
  /** Its media type. */
  readonly contentType: string;
}

/** A metric is there from its first use on. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const metric = <M extends Metric>(name: MetricName): M =>
    (registry.getSingleMetric(name) ?? create(name, registry)) as M;
  return {
    contentType: registry.contentType,
    count: (name, labels) => metric<Counter>(name).inc(labels),
    observe: (name, labels, value) => metric<Histogram>(name).observe(labels, value),
    show(name, samples) {
      const shown = metric<Gauge | Counter>(name);
      shown.reset();
      // Adding makes a counter show what others have counted.
      for (const [labels, value] of samples) shown.inc(labels, value);
      if (samples.length === 0 && METRICS[name].labels.length === 0) registry.removeSingleMetric(name);
    },
    watchProcess: () => collectDefaultMetrics({ register: registry }),
    text: () => registry.metrics(),
  };
}

function create(name: MetricName, register: Registry): Metric {
  const { type, help, labels, buckets = [] }: MetricSpec = METRICS[name];
  const options = { name, help, labelNames: labels, registers: [register] };
  if (type === 'gauge') return new Gauge(options);
  return type === 'counter' ? new Counter(options) : new Histogram({ ...options, buckets: [...buckets] });
}
