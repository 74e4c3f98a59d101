const LOOPBACK_NAME = /^(localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/** True for a host name or address of this machine itself, an IPv6 one with or without its brackets. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAME.test(host.toLowerCase());
}

/** True for a server on this machine: a fake, a proxy, a local engine. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname);
}
