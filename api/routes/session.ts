import type { Handler } from 'hono';
import { setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { Access } from '../access/guard.ts';
import { findKey } from '../access/key-ring.ts';
import { requireOwnPage } from '../access/loopback.ts';
import { makeTicket, SESSION_COOKIE, SESSION_S } from '../access/session.ts';
import { ProblemError } from '../errors.ts';
import { checked, readJsonBody } from '../read-body.ts';

const MAX_KEY_CHARS = 200;

export const sessionRequest = z.strictObject({ key: z.string().min(1).max(MAX_KEY_CHARS) });

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
    const proxied = context.req.header('x-forwarded-proto') === 'https';
    setCookie(context, SESSION_COOKIE, makeTicket(access.sessionSecret, key, untilMs), {
      httpOnly: true,
      sameSite: 'Strict',
      secure: proxied || new URL(context.req.url).protocol === 'https:',
      path: '/',
      maxAge: SESSION_S,
    });
    const { name, scopes } = key;
    const body = { name, scopes, expires_at: new Date(untilMs).toISOString() };
    return context.json(body, 200, { 'cache-control': 'no-store' });
  };
}
