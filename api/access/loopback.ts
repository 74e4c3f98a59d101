import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback } from '../../infra/settings/loopback.ts';
import { ProblemError } from '../errors.ts';

/**
 * Without keys the API trusts the machine, but a web page in its browser is not the machine: a foreign name
 * in Host is DNS rebinding, a foreign Origin is another site's page. Both are refused, upgrades too.
 */
export function loopbackOnly(): MiddlewareHandler {
  return async (context, next) => {
    const host = hostOf(context);
    if (!isLoopback(nameOf(host))) {
      throw new ProblemError(403, 'foreign_host', 'This API answers only to a loopback name as Host.');
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) {
      throw new ProblemError(403, 'foreign_origin', 'This API answers no page of another origin.');
    }
    await next();
  };
}

/**
 * Refuses a web page that is not one of this API; a proxy before it may add TLS, but must keep Host. Programs send
 * no Origin and pass, unless it `mustShow` one.
 */
export function requireOwnPage(context: Context, mustShow = false): void {
  const host = hostOf(context);
  const origin = context.req.header('origin')?.toLowerCase();
  if (origin === undefined ? !mustShow : [`http://${host}`, `https://${host}`].includes(origin)) return;
  throw new ProblemError(403, 'foreign_origin', 'This is only for pages of this API.');
}

function hostOf(context: Context): string {
  return (context.req.header('host') ?? new URL(context.req.url).host).toLowerCase();
}

function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '');
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function changesNothing(context: Context): boolean {
  return READS.has(context.req.method);
}

/** A call that changes something must say application/json, which no plain form of a web page can. */
export function jsonOnly(): MiddlewareHandler {
  return async (context, next) => {
    if (!changesNothing(context) && typeOf(context) !== 'application/json') {
      throw new ProblemError(415, 'json_required', 'Send the body with Content-Type: application/json.');
    }
    await next();
  };
}

/** The same for a call whose body is a file: one of the media types must be said, none of them a form's. */
export function only(types: readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    if (!types.includes(typeOf(context) ?? '')) {
      const detail = `Send the file as the body, with Content-Type: ${types.join(', ')}.`;
      throw new ProblemError(415, 'media_type_required', detail);
    }
    await next();
  };
}

function typeOf(context: Context): string | undefined {
  return context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
}
