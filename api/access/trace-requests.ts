import type { MiddlewareHandler } from 'hono';
import type { Tracing } from '../../infra/tracing/tracing.ts';
import { changesNothing } from './loopback.ts';
import { routeOf } from './route-of.ts';

/** Traces what changes something, and goes on with the trace of a caller who has one. Looks would be noise. */
export function traceRequests(tracing: Tracing): MiddlewareHandler {
  return async (context, next) => {
    if (changesNothing(context)) return next();
    await tracing.request(context.req.header('traceparent') ?? null, async (span) => {
      await next();
      const { method, route, status } = routeOf(context);
      span.end(method, route, status);
    });
  };
}
