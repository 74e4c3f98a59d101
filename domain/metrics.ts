/** What Prometheus calls its kinds of metrics, as far as we use them. */
type MetricType = 'gauge' | 'counter' | 'histogram';

export interface MetricSpec {
  type: MetricType;
  /** One line, as the scrape and docs/metrics.md show it. */
  help: string;
  /** Each has a small and closed set of values: never a video, a channel or a user. */
  labels: readonly string[];
  /**
   * Where it is shown, and so what its value is of: `database` = read from Postgres by every API process, which all
   * show the same; `api`, `worker` and `process` (both) = of the process that shows it, from its start on.
   */
  of: 'database' | 'api' | 'worker' | 'process';
  /** Upper ends of a histogram's buckets, in the unit of its name. */
  buckets?: readonly number[];
}

/** Around the target of 100 ms. */
const SHORT_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10];
/** From at once to a day. */
const WAIT_S = [0.1, 1, 5, 30, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];
/** Around the limits of the stages: 30, 60, 120, 180 and 300 s. */
const STAGE_S = [0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600];

/** THE table of our metrics: code, docs/metrics.md, the dashboard and the alert rules are made or tested from it. */
export const METRICS = {
  ytempire_postgres_up: gauge('database', 'Whether Postgres has answered this scrape'),
  ytempire_queue_depth: gauge('database', 'Videos that wait, by the lane that they would take', [
    'lane',
    'complexity',
  ]),
  ytempire_queue_oldest_seconds: gauge('database', 'Age of the oldest video that waits'),
  ytempire_pipeline_paused: gauge('database', 'Whether the pipeline is paused or halted'),
  ytempire_places_offered: gauge('database', 'Videos at once that living workers offer', ['lane']),
  ytempire_places_used: gauge('database', 'Videos in production', ['lane']),
  ytempire_slots_offered: gauge('database', 'Stages at once of living lane workers', ['lane']),
  ytempire_slots_used: gauge('database', 'Lane stages that run', ['lane']),
  ytempire_lane_workers: gauge('database', 'Lane workers that are alive', ['lane']),
  ytempire_disks_low: gauge('database', 'Machines that take no videos since their disk is nearly full'),
  ytempire_videos_ended: gauge('database', 'Videos that have ended and are not deleted', ['status']),
  ytempire_spend_dollars_total: counter('database', 'Money spent, from the ledger', ['service']),
  ytempire_spend_today_dollars: gauge('database', 'Money spent since midnight of REPORT_TZ'),
  ytempire_daily_limit_dollars: gauge('database', 'DAILY_LIMIT_USD; absent without one'),
  ytempire_holds: gauge('database', 'Paid calls whose price is set aside'),
  ytempire_held_dollars: gauge('database', 'Money set aside for paid calls'),
  ytempire_caps_dollars: gauge('database', 'Most that the videos in production may cost, by their caps'),
  ytempire_provider_open: gauge('database', 'Whether a provider may be called', ['provider']),
  ytempire_uploads_left: gauge('database', 'Uploads to YouTube that are left of the allowance of today'),

  ytempire_admission_latency_seconds: histogram(
    'worker',
    'From a freed place to the commit of the admission that takes it',
    [],
    SHORT_S,
  ),
  ytempire_queue_wait_seconds: histogram(
    'process',
    'From the order to its first admission',
    ['lane'],
    WAIT_S,
  ),
  ytempire_videos_ended_total: counter('worker', 'Ends of videos', ['status']),
  ytempire_stage_duration_seconds: histogram(
    'worker',
    'Time of an attempt of a stage, without the wait for graphics memory',
    ['stage', 'lane', 'outcome'],
    STAGE_S,
  ),
  ytempire_stage_failures_total: counter('worker', 'Attempts that failed, by kind of error', [
    'stage',
    'kind',
  ]),
  ytempire_provider_calls_total: counter('worker', 'Uses of a provider by a stage', ['provider', 'outcome']),
  ytempire_http_request_duration_seconds: histogram(
    'api',
    'Time to the answer of a request, of a stream to its begin',
    ['method', 'route', 'status'],
    SHORT_S,
  ),
  ytempire_streams_open: gauge('api', 'Event streams that are open'),
  ytempire_redis_up: gauge('process', 'Whether Redis answers'),
  ytempire_events_dropped_total: counter('process', 'Events that nobody has got since Redis was away'),
  ytempire_artifacts_free_bytes: gauge('process', 'Bytes free on the disk where artifacts lie or come to'),
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;
export type LabelsOf<Name extends MetricName> = Record<(typeof METRICS)[Name]['labels'][number], string>;
/** Metrics of one type. */
export type NameOf<Type extends MetricType> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

function gauge<const Of extends MetricSpec['of'], const Labels extends readonly string[] = []>(
  of: Of,
  help: string,
  labels: Labels = [] as unknown as Labels,
) {
  return { type: 'gauge' as const, of, help, labels };
}

function counter<const Of extends MetricSpec['of'], const Labels extends readonly string[] = []>(
  of: Of,
  help: string,
  labels: Labels = [] as unknown as Labels,
) {
  return { type: 'counter' as const, of, help, labels };
}

function histogram<const Of extends MetricSpec['of'], const Labels extends readonly string[]>(
  of: Of,
  help: string,
  labels: Labels,
  buckets: readonly number[],
) {
  return { type: 'histogram' as const, of, help, labels, buckets };
}
