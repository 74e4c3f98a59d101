import type { MiddlewareHandler } from 'hono';
import type { Metrics } from '../../infra/metrics/metrics.ts';
import { routeOf } from './route-of.ts';

/** Measures every request, by route and answer. */
export function timeRequests(metrics: Metrics): MiddlewareHandler {
  return async (context, next) => {
    const startedMs = performance.now();
    await next();
    const { status, ...route } = routeOf(context);
    const labels = { ...route, status: String(status) };
    metrics.observe('ytempire_http_request_duration_seconds', labels, (performance.now() - startedMs) / 1000);
  };
}
