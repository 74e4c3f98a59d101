import type { MiddlewareHandler } from 'hono';
import type { Logger } from '../../infra/logger.ts';
import { changesNothing } from './loopback.ts';

/** One line per request with its id and caller: `info` for what changes something, `debug` for the rest. */
export function logRequests(log: Logger): MiddlewareHandler {
  return async (context, next) => {
    const startedMs = performance.now();
    await next();
    const level = changesNothing(context) ? 'debug' : 'info';
    if (!log.isLevelEnabled(level)) return;
    const { method, path } = context.req;
    const line = { method, path, status: context.res.status, caller: context.get('caller')?.name ?? null };
    const ms = Math.round(performance.now() - startedMs);
    log[level]({ request_id: context.get('requestId'), ...line, ms }, 'request');
  };
}
