import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What the fake's account has granted so far. */
export interface Grant {
  /** Refresh tokens that are good. */
  refresh: string[];
  /** Access tokens that are good. */
  access: Set<string>;
  /** The code that waits to be swapped, with the challenge and redirect that it was asked for with. */
  code: string | null;
  challenge: string | null;
  redirect: string | null;
}

/** The owner agrees at once and is sent back. */
export function answerConsent(grant: Grant, url: URL, response: ServerResponse): void {
  const query = url.searchParams;
  const redirect = query.get('redirect_uri') ?? '';
  Object.assign(grant, {
    code: randomBytes(8).toString('hex'),
    challenge: query.get('code_challenge'),
    redirect,
  });
  const back = new URLSearchParams({ code: grant.code ?? '', state: query.get('state') ?? '' });
  response.writeHead(302, { location: `${redirect}?${back}` }).end();
}

/** Swaps codes and refresh tokens, and takes them back. */
export function answerToken(
  grant: Grant,
  route: 'token' | 'revoke',
  body: string,
  response: ServerResponse,
): void {
  const form = new URLSearchParams(body);
  const [status, said] = route === 'revoke' ? revoked(grant, form) : tokenFor(grant, form);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
}

type Said = [status: number, body: object];

const INVALID: Said = [400, { error: 'invalid_grant' }];

function revoked(grant: Grant, form: URLSearchParams): Said {
  grant.refresh = grant.refresh.filter((token) => token !== form.get('token'));
  return [200, {}];
}

function tokenFor(grant: Grant, form: URLSearchParams): Said {
  if (form.get('client_id') !== 'client' || form.get('client_secret') !== 'client-secret') {
    return [401, { error: 'invalid_client' }];
  }
  if (form.get('grant_type') === 'refresh_token') {
    const known = grant.refresh.includes(form.get('refresh_token') ?? '');
    return known ? [200, { access_token: access(grant) }] : INVALID;
  }
  if (!isOurs(grant, form)) return INVALID;
  grant.code = null;
  const refresh = `1//refresh-${randomBytes(24).toString('hex')}`;
  grant.refresh.push(refresh);
  return [200, { access_token: access(grant), refresh_token: refresh, expires_in: 3599 }];
}

/** The code is swapped once, by whoever knows the verifier behind its challenge. */
function isOurs({ code, challenge, redirect }: Grant, form: URLSearchParams): boolean {
  const shown = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  return (
    code !== null && form.get('code') === code && shown === challenge && form.get('redirect_uri') === redirect
  );
}

function access(grant: Grant): string {
  const token = `ya29.access-${randomBytes(24).toString('hex')}`;
  grant.access.add(token);
  return token;
}
