import type { Context } from 'hono';
import { SCOPES, type Scope } from '../../infra/settings/api-keys.ts';

/** Who sends a request. */
export interface Caller {
  /** Name of the key; `local` on an API without keys. Owner of Idempotency-Keys, "who" of the audit log. */
  name: string;
  scopes: readonly Scope[];
  /** How the key came; a cookie is sent by the browser itself, so its calls must prove their origin. */
  by: 'key' | 'cookie' | 'loopback';
}

declare module 'hono' {
  interface ContextVariableMap {
    caller: Caller | null;
  }
}

/** Everybody on this machine, where no keys are set. */
export const LOCAL: Caller = { name: 'local', scopes: SCOPES, by: 'loopback' };

/** The caller of a route that has a scope; throws when the route was mounted without its guard. */
export function callerOf(context: Context): Caller {
  const caller = context.get('caller');
  if (!caller) throw new Error('a route that needs a caller is mounted without a scope');
  return caller;
}
