import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../infra/settings/api-keys.ts';

export const SESSION_COOKIE = 'ytempire_session';
export const SESSION_S = 12 * 3600;

/** A ticket that stands for a key until `untilMs` (epoch). It holds the key's name, not the key. */
export function makeTicket(secret: string, key: ApiKey, untilMs: number): string {
  const claim = `${Buffer.from(key.name).toString('base64url')}.${untilMs}`;
  return `${claim}.${signature(secret, claim, key).toString('base64url')}`;
}

/**
 * The key that a ticket stands for, or null: forged, too old, or of a key that is gone or was made anew under
 * the same name.
 */
export function readTicket(
  secret: string,
  keys: readonly ApiKey[],
  ticket: string,
  nowMs: number,
): ApiKey | null {
  const [name = '', until = '', given = '', ...rest] = ticket.split('.');
  const key = keys.find((each) => each.name === Buffer.from(name, 'base64url').toString());
  if (!key || rest.length > 0 || !(Number(until) > nowMs)) return null;
  const expected = signature(secret, `${name}.${until}`, key);
  const presented = Buffer.from(given, 'base64url');
  return presented.length === expected.length && timingSafeEqual(presented, expected) ? key : null;
}

/** The key's hash is signed too: a ticket dies with its key. */
function signature(secret: string, claim: string, key: ApiKey): Buffer {
  return createHmac('sha256', secret).update(`${claim}.${key.sha256}`).digest();
}
