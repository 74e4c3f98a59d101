import { metrics } from './answers.ts';
import type { RouteDoc } from './route-doc.ts';

/** How much is produced: for people, and for Prometheus. */
export const METRIC_ROUTES = {
  metrics: {
    method: 'GET',
    path: '/pipeline/metrics',
    scope: 'read',
    tag: 'Pipeline',
    summary: 'Count videos, places and cost',
    answers: { 200: { description: 'Counts as Postgres has them', body: metrics } },
  },
  prometheus: {
    method: 'GET',
    path: '/metrics',
    scope: 'read',
    tag: 'Health',
    summary: 'Read the metrics of this process and of the pipeline',
    description:
      'For Prometheus, in its text format; docs/metrics.md lists them. Asked anew once a second at most.',
    answers: { 200: { description: 'The metrics', body: ['text/plain'] } },
  },
} as const satisfies Record<string, RouteDoc>;
