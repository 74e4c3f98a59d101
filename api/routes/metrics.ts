import type { Handler } from 'hono';
import { readMetrics } from '../../infra/views/metrics.ts';
import type { ApiDeps } from '../app.ts';

/** GET /pipeline/metrics: counts, places and today's cost. */
export function metricsRoute(deps: ApiDeps): Handler {
  return async (context) => context.json(await readMetrics(deps), 200, { 'cache-control': 'no-store' });
}
