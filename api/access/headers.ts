import type { MiddlewareHandler } from 'hono';

/** Nothing may be loaded, run or framed; a page of ours names what it needs instead. */
const CLOSED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Policy for a page of our own whose only addition is one inline style sheet. */
export function policyWithStyle(sha256Base64: string): string {
  return `${CLOSED}; style-src 'sha256-${sha256Base64}'`;
}

/** Policy for the operator's page: all that it needs comes from this API, and one inline script is named. */
export function policyOfPage(scriptSha256Base64: string): string {
  const own = ['style-src', 'img-src', 'media-src', 'connect-src'].map((what) => `${what} 'self'`);
  return [CLOSED, `script-src 'self' 'sha256-${scriptSha256Base64}'`, ...own].join('; ');
}

/** Set before the route runs, so that a route may replace one. */
export function securityHeaders(): MiddlewareHandler {
  return async (context, next) => {
    context.header('content-security-policy', CLOSED);
    context.header('x-content-type-options', 'nosniff');
    context.header('x-frame-options', 'DENY');
    context.header('referrer-policy', 'no-referrer');
    context.header('cross-origin-resource-policy', 'same-origin');
    await next();
  };
}
