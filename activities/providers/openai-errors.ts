import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { type ErrorKind, StageError } from '../../domain/errors.ts';
import { neverArrived } from './never-arrived.ts';

/** Environment variables behind a call. */
export interface CallSettings {
  key: string;
  model: string;
  url: string;
}

/** What an error message may say about a call; the key is only there to be kept out of it. */
interface Called {
  baseUrl: string;
  model: string;
  apiKey: string | null;
  settings: CallSettings;
}

/** Arrives as 429, and no waiting mends it. */
const NO_BALANCE = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active']);
/** Requests or tokens a day, as the service's own words say it. */
const PER_DAY = /\bper day\b|\((RPD|TPD)\)/;
const MAX_QUOTE_CHARS = 300;
/** As for searches of footage: nobody waits longer in one go. */
const MAX_WAIT_MS = 3_600_000;

/**
 * What a failure of the service means, in one line without a key. `expiredMs` is the call's time limit when
 * that has run out. Anything that is not the service's doing comes back unchanged. The original is never the
 * cause: it carries headers, and the service's own words hold parts of the key.
 */
export function mapOpenAiError(thrown: unknown, call: Called, expiredMs: number | null): unknown {
  const host = hostOf(call.baseUrl);
  if (expiredMs !== null && isAbort(thrown)) return timeout(host, expiredMs / 1000);
  if (thrown instanceof APIConnectionTimeoutError) return timeout(host, null);
  if (thrown instanceof APIConnectionError || isBrokenBody(thrown)) {
    const why = innermost(thrown);
    return new StageError(
      'connection',
      `the connection to ${host} failed: ${why} (see ${call.settings.url})`,
      { unbilled: neverArrived(thrown) },
    );
  }
  if (!(thrown instanceof APIError) || thrown.status === undefined) return thrown;
  const { kind, message } = statusError(thrown, call, host);
  const retryAfterMs = retryAfter(thrown.headers);
  return new StageError(kind, message, {
    unbilled: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function statusError(error: APIError, call: Called, host: string): { kind: ErrorKind; message: string } {
  const { key, model, url } = call.settings;
  const status = Number(error.status);
  if (status === 402 || NO_BALANCE.has(String(error.code))) {
    return {
      kind: 'provider_account',
      message: `${host} says that the account has no balance: add credit there, or change ${key}`,
    };
  }
  if (status === 401 || status === 403) {
    const what = call.apiKey === null ? 'wants a key' : 'refused the key';
    return { kind: 'provider_account', message: `${host} ${what} (${status}): set ${key} to a valid one` };
  }
  const said = quote(error, call);
  if (status === 429 && PER_DAY.test(error.message)) {
    return { kind: 'quota', message: `${host} has given all that a day allows (429)${said}` };
  }
  if (status === 429) return { kind: 'rate_limited', message: `${host} wants fewer requests (429)${said}` };
  if (status === 408) return { kind: 'timeout', message: `${host} gave up waiting (408)${said}` };
  if (status >= 500) return { kind: 'server_error', message: `${host} failed (${status})${said}` };
  if (isUnknownModel(error)) {
    const named = `"${call.model}", which ${model} names`;
    return { kind: 'invalid_input', message: `${host} has no model ${named} (${status})${said}` };
  }
  const check = status === 404 ? `; check ${url} and ${model}` : '';
  return { kind: 'invalid_input', message: `${host} refused the request (${status})${said}${check}` };
}

function isUnknownModel({ status, code, message }: APIError): boolean {
  return code === 'model_not_found' || (status === 404 && /\bmodel\b/i.test(message));
}

/** The service's own words, short, on one line and without anything that looks like a key. */
function quote({ message }: APIError, { apiKey }: Called): string {
  const words = message
    .replace(/^\d{3} /, '')
    .replaceAll(apiKey || '\0', '***')
    .replace(/\b(sk|Bearer)[-\s][\w*.-]+/g, '***')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_QUOTE_CHARS);
  return words === '' || words === 'status code (no body)' ? '' : `: ${words}`;
}

/** Milliseconds that the service asks to be left alone, {@link MAX_WAIT_MS} at most: some send a moment, not a span. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const waitMs = askedWait(headers);
  return waitMs !== undefined && waitMs >= 0 ? Math.min(Math.round(waitMs), MAX_WAIT_MS) : undefined;
}

function askedWait(headers: Headers | undefined): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (ms >= 0) return ms;
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  const seconds = Number(value);
  return Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
}

function timeout(host: string, seconds: number | null): StageError {
  const limit = seconds === null ? '' : ` within ${seconds} s`;
  return new StageError('timeout', `${host} did not answer${limit}`);
}

function isAbort(thrown: unknown): boolean {
  if (thrown instanceof APIUserAbortError) return true;
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
}

/** How `fetch` tells that a body ended before its end. */
function isBrokenBody(thrown: unknown): boolean {
  return thrown instanceof TypeError && /^(terminated|fetch failed)$/.test(thrown.message);
}

function innermost(thrown: unknown): string {
  let error = thrown;
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  const { code, message } = error as { code?: unknown; message?: string };
  return typeof code === 'string' ? code : (message ?? 'unknown');
}

function hostOf(baseUrl: string): string {
  const { host, hostname } = new URL(baseUrl);
  return hostname === 'api.openai.com' ? 'OpenAI' : host;
}
