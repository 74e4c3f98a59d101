import { isIP } from 'node:net';
import { isPrivateAddress } from './public-address.ts';

export const MAX_WEBHOOK_URL_CHARS = 2_048;
const HTTPS_PORT = 443;
/** Below are mail, databases' old ports and the like: nobody's webhook. */
const FIRST_FREE_PORT = 1_024;
/**
 * What a URL parser drops or takes for a slash, so that the address called is not the one read; Postgres takes no NUL and
 * no half of a surrogate pair.
 */
const NO_SIGN_OF_URLS = /[\p{Cc}\p{Z}\p{Surrogate}\\]/u;
/** Names that resolvers keep for networks of their own (RFC 6761, 6762, 8375; `internal` is reserved by ICANN). */
const OWN_NAMES = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/;

/**
 * What is wrong with the form of a webhook's URL, or null. `hosts` are the `host:port` that may be private and plain.
 * What a name leads to is checked when it is called.
 */
export function webhookUrlFault(text: string, hosts: readonly string[]): string | null {
  if (text.length > MAX_WEBHOOK_URL_CHARS) return `is longer than ${MAX_WEBHOOK_URL_CHARS} characters`;
  if (NO_SIGN_OF_URLS.test(text)) return 'holds a space, a backslash or a control character';
  if (!URL.canParse(text)) return 'is no URL such as https://example.com/hook';
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must hold no user name or password';
  if (isAllowedHost(url, hosts)) return null;
  if (url.protocol !== 'https:') return 'must begin with https://';
  return privateHost(url) ?? badPort(url);
}

/** True where the operator has named this host and port in WEBHOOK_HOSTS. */
export function isAllowedHost(url: URL, hosts: readonly string[]): boolean {
  return hosts.includes(`${url.hostname}:${portOf(url)}`);
}

function privateHost({ hostname }: URL): string | null {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  const own = isIP(name) ? isPrivateAddress(name) : !name.includes('.') || OWN_NAMES.test(name);
  return own ? `${hostname} is no host of the internet; WEBHOOK_HOSTS may allow it` : null;
}

function badPort(url: URL): string | null {
  const port = portOf(url);
  return port === HTTPS_PORT || port >= FIRST_FREE_PORT
    ? null
    : `port ${port} is neither ${HTTPS_PORT} nor one from ${FIRST_FREE_PORT}`;
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? HTTPS_PORT : 80;
}
