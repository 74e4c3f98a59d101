import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { ApiKey, Scope } from '../../infra/settings/api-keys.ts';
import { ProblemError } from '../errors.ts';
import { type Caller, LOCAL } from './caller.ts';
import { findKey } from './key-ring.ts';
import { changesNothing, requireOwnPage } from './loopback.ts';
import { readTicket, SESSION_COOKIE } from './session.ts';

export interface Access {
  /** Empty: everybody on this machine may do everything. */
  keys: readonly ApiKey[];
  /** Signs the session cookies. */
  sessionSecret: string;
}

/** Finds out who calls, from the Bearer key or the session cookie; a route's scope decides what that is worth. */
export function identify(access: Access): MiddlewareHandler {
  return async (context, next) => {
    context.set('caller', access.keys.length === 0 ? LOCAL : callerFrom(access, context));
    await next();
  };
}

function callerFrom(access: Access, context: Context): Caller | null {
  const bearer = bearerOf(context);
  if (bearer !== null) return asCaller(findKey(access.keys, bearer), 'key');
  const ticket = getCookie(context, SESSION_COOKIE);
  if (ticket === undefined) return null;
  return asCaller(readTicket(access.sessionSecret, access.keys, ticket, Date.now()), 'cookie');
}

function asCaller(key: ApiKey | null, by: Caller['by']): Caller | null {
  return key && { name: key.name, scopes: key.scopes, by };
}

function bearerOf(context: Context): string | null {
  return /^bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? null;
}

/** Lets a caller through whose key has the scope, and a cookie only from a page of this API. */
export function requireScope(scope: Scope): MiddlewareHandler {
  return async (context, next) => {
    const caller = context.get('caller');
    if (!caller) throw refusedKey(context);
    if (caller.by === 'cookie') requireOwnPage(context, mustShowOrigin(context));
    if (!caller.scopes.includes(scope)) {
      const detail = `The key "${caller.name}" has no scope ${scope}.`;
      throw new ProblemError(403, 'scope_missing', detail, { fields: { scope } });
    }
    await next();
  };
}

function refusedKey(context: Context): ProblemError {
  const headers = { 'www-authenticate': 'Bearer realm="ytempire"' };
  const sent = context.req.header('authorization') ?? getCookie(context, SESSION_COOKIE);
  if (sent === undefined) {
    return new ProblemError(401, 'key_required', 'Send a key: Authorization: Bearer KEY.', { headers });
  }
  return new ProblemError(401, 'key_unknown', 'This key or session is not known (any more).', { headers });
}

/** A browser adds the cookie by itself; what changes something or opens a socket must show where it comes from. */
function mustShowOrigin(context: Context): boolean {
  return !changesNothing(context) || context.req.header('upgrade') !== undefined;
}
