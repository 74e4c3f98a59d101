import { once } from 'node:events';
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import {
  AddressRefused,
  isPrivateAddress,
  publicLookup,
  type Resolve,
} from '../../infra/network/public-address.ts';
import { isLoopback } from '../../infra/settings/loopback.ts';
import { ClipRefused } from './refused.ts';

export interface Allowed {
  /** Host names that may be asked, and redirected to. */
  hosts: readonly string[];
  resolve?: Resolve | undefined;
}

const MAX_REDIRECTS = 3;

/**
 * The answer that a download starts with, its body unread. Asks allowed hosts alone, over https, at public addresses;
 * this machine itself only where it is among them, and never by a redirect from elsewhere. Throws
 * {@link ClipRefused} for anything else, and the signal's reason.
 */
export async function openUrl(text: string, rules: Allowed, signal: AbortSignal): Promise<IncomingMessage> {
  let url = allowed(text, rules);
  const local = isLoopback(url.hostname);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const response = await ask(url, rules, signal);
    const { location } = response.headers;
    const status = response.statusCode ?? 0;
    if (status < 300 || status > 399 || location === undefined) return response;
    response.destroy();
    url = allowed(location, rules, url);
    if (isLoopback(url.hostname) && !local) throw new ClipRefused(`redirected to this machine: ${url.host}`);
  }
  throw new ClipRefused('too many redirects');
}

async function ask(url: URL, { resolve }: Allowed, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    signal,
    // A connection of its own: none that other code has opened, unchecked, to the same host.
    agent: false,
    headers: { accept: 'video/*', 'accept-encoding': 'identity' },
    ...(!isLoopback(url.hostname) && { lookup: publicLookup(resolve) }),
  };
  const request = url.protocol === 'https:' ? secureRequest(url, options) : plainRequest(url, options);
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AddressRefused) throw new ClipRefused(error.message);
    throw new ClipRefused(`the download broke off: ${(error as Error).message || url.host}`);
  }
}

function allowed(text: string, { hosts }: Allowed, base?: URL): URL {
  const url = addressOf(text, base);
  const { protocol, hostname } = url;
  if (!hosts.includes(hostname)) {
    const how = base ? 'redirected to another host: ' : '';
    throw new ClipRefused(`${how}${hostname} is not among FOOTAGE_HOSTS`);
  }
  const own = isLoopback(hostname);
  const safe = protocol === 'https:' || (protocol === 'http:' && own);
  if (!safe) throw new ClipRefused(`${protocol}//${hostname} is not https`);
  const address = hostname.replace(/^\[|\]$/g, '');
  // An address in the place of a name is never looked up.
  if (!own && isIP(address) && isPrivateAddress(address)) {
    throw new ClipRefused(`${hostname} is a private address`);
  }
  return url;
}

function addressOf(text: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base);
  throw new ClipRefused(`not an address: ${text.slice(0, 100)}`);
}
