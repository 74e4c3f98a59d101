import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Metrics } from '../../infra/metrics/metrics.ts';
import { ROUTE_LIST } from '../openapi/routes.ts';

const PATHS = new Set(ROUTE_LIST.map(({ path }) => path));
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE']);
const OTHER = 'other';

/** Counts requests by route and answer. What a caller makes up, a path or a method, gets no label of its own. */
export function timeRequests(metrics: Metrics): MiddlewareHandler {
  return async (context, next) => {
    const startedMs = performance.now();
    await next();
    const path = routePath(context, -1);
    const labels = {
      method: METHODS.has(context.req.method) ? context.req.method : OTHER,
      route: PATHS.has(path) ? path : OTHER,
      status: String(context.res.status),
    };
    metrics.observe('ytempire_http_request_duration_seconds', labels, (performance.now() - startedMs) / 1000);
  };
}
