import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { ProblemError } from '../errors.ts';
import type { RateLimit } from './rate-limit.ts';

/** Liveness is asked for by supervisors, which must never be told to come back later. */
const FREE = new Set(['/health']);

/** Refuses a caller who calls too often: by key, or by remote address while there is none. */
export function limitCalls(limit: RateLimit): MiddlewareHandler {
  return async (context, next) => {
    const waitMs = FREE.has(context.req.path) ? 0 : limit.take(bucketOf(context));
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      const detail = `Too many calls; the next one may come in ${seconds} s.`;
      throw new ProblemError(429, 'rate_limited', detail, { headers: { 'retry-after': String(seconds) } });
    }
    await next();
  };
}

function bucketOf(context: Context): string {
  const caller = context.get('caller');
  return caller && caller.by !== 'loopback' ? `key ${caller.name}` : `address ${addressOf(context)}`;
}

/** Remote address; none when the app is called without a server. */
function addressOf(context: Context): string {
  return context.env?.incoming ? (getConnInfo(context).remote.address ?? '') : '';
}
