import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { YouTubeError } from './youtube-error.ts';

/** OAuth 2.0 for installed apps, with PKCE and a loopback redirect (RFC 8252, RFC 7636). */
export interface OAuthClient {
  /** From the developer console, of type "desktop app". */
  id: string;
  /** Such a client keeps no secret, yet its token endpoint wants the one that it was given. */
  secret: string | null;
  endpoints: { authorize: string; token: string; revoke: string };
}

/** Uploading and thumbnails take the first; captions and the account's name the second. */
const SCOPES = [
  'https://www.googleapis.com/auth/youtube.upload',
  'https://www.googleapis.com/auth/youtube.force-ssl',
];
const ANSWER_MS = 30_000;
const RANDOM_BYTES = 32;

/** One question to the operator: the address to open, and what its answer is checked with. */
export interface Consent {
  url: string;
  state: string;
  verifier: string;
  redirect: string;
}

export function askConsent(client: OAuthClient, redirect: string): Consent {
  const verifier = randomBytes(RANDOM_BYTES).toString('base64url');
  const state = randomBytes(RANDOM_BYTES).toString('base64url');
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: redirect,
    response_type: 'code',
    scope: SCOPES.join(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    // Without the two no refresh token comes for an account that has agreed before.
    access_type: 'offline',
    prompt: 'consent',
  });
  return { url: `${client.endpoints.authorize}?${query}`, state, verifier, redirect };
}

/** Swaps the code of the redirect for tokens. Throws a YouTubeError. */
export async function exchangeCode(
  client: OAuthClient,
  code: string,
  { verifier, redirect }: Consent,
): Promise<{ access: string; refresh: string }> {
  const tokens = await askToken(client, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirect,
  });
  if (tokens.refresh_token === undefined) {
    throw new YouTubeError(
      'provider_account',
      'no refresh token came: take the access away and connect again',
    );
  }
  return { access: tokens.access_token, refresh: tokens.refresh_token };
}

/** A fresh access token. A YouTubeError `provider_account` when the account has taken its access back. */
export async function refreshAccess(
  client: OAuthClient,
  refresh: string,
  signal?: AbortSignal,
): Promise<string> {
  const tokens = await askToken(client, { grant_type: 'refresh_token', refresh_token: refresh }, signal);
  return tokens.access_token;
}

/** Takes the access back; a token that is not known any more is fine. Throws when nobody answers. */
export async function revokeAccess(client: OAuthClient, refresh: string): Promise<void> {
  await post(client.endpoints.revoke, { token: refresh });
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
});

async function askToken(client: OAuthClient, fields: Record<string, string>, signal?: AbortSignal) {
  const own = { client_id: client.id, ...(client.secret !== null && { client_secret: client.secret }) };
  const response = await post(client.endpoints.token, { ...own, ...fields }, signal);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) {
    const parsed = tokenAnswer.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new YouTubeError('unreachable', 'the token endpoint answered something else than a token');
  }
  const said = (body as { error?: unknown } | null)?.error;
  const reason = typeof said === 'string' ? said.slice(0, 80) : '';
  const mayWork = response.status === 429 || response.status >= 500;
  throw new YouTubeError(
    mayWork ? 'unreachable' : 'provider_account',
    `the token endpoint answered ${response.status} ${reason}`.trim(),
  );
}

async function post(url: string, fields: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    return await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new YouTubeError('unreachable', 'the token endpoint could not be reached', { cause: error });
  }
}
