import type { Context, Handler } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { Access } from '../access/guard.ts';
import { findKey } from '../access/key-ring.ts';
import { requireOwnPage } from '../access/loopback.ts';
import { makeTicket, SESSION_COOKIE, SESSION_S } from '../access/session.ts';
import { ProblemError } from '../errors.ts';
import { checked, readJsonBody, readOptionalBody } from '../read-body.ts';

const MAX_KEY_CHARS = 200;

export const sessionRequest = z.strictObject({ key: z.string().min(1).max(MAX_KEY_CHARS) });
export const endSessionRequest = z.strictObject({});

/** POST /session: a cookie that stands for the key for 12 h, so that a page need not keep the key itself. */
export function sessionRoute(access: Access): Handler {
  return async (context) => {
    requireOwnPage(context);
    const { key: presented } = checked(sessionRequest, await readJsonBody(context));
    if (access.keys.length === 0) {
      throw new ProblemError(409, 'no_keys', 'This API has no keys: it answers everybody on this machine.');
    }
    const key = findKey(access.keys, presented);
    if (!key) throw new ProblemError(401, 'key_unknown', 'This key is not known (any more).');
    const untilMs = Date.now() + SESSION_S * 1000;
    const ticket = makeTicket(access.sessionSecret, key, untilMs);
    setCookie(context, SESSION_COOKIE, ticket, { ...cookieOf(context), maxAge: SESSION_S });
    const { name, scopes } = key;
    const body = { name, scopes, expires_at: new Date(untilMs).toISOString() };
    return context.json(body, 200, { 'cache-control': 'no-store' });
  };
}

/** DELETE /session: the browser forgets its cookie. Without one it is the same. */
export function endSessionRoute(): Handler {
  return async (context) => {
    requireOwnPage(context);
    checked(endSessionRequest, await readOptionalBody(context));
    deleteCookie(context, SESSION_COOKIE, cookieOf(context));
    return context.body(null, 204, { 'cache-control': 'no-store' });
  };
}

function cookieOf(context: Context) {
  const proxied = context.req.header('x-forwarded-proto') === 'https';
  const secure = proxied || new URL(context.req.url).protocol === 'https:';
  return { httpOnly: true, sameSite: 'Strict', secure, path: '/' } as const;
}
