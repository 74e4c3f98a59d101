import { z } from 'zod';
import { StageError } from '../../domain/errors.ts';
import { neverArrived } from './never-arrived.ts';

const file = z.object({
  id: z.number(),
  file_type: z.string(),
  // Streams for players (HLS) come without a size.
  width: z.number().nullish(),
  height: z.number().nullish(),
  fps: z.number().nullish(),
  link: z.string(),
});
const video = z.object({
  id: z.number(),
  url: z.string(),
  /** Whole seconds. */
  duration: z.number(),
  width: z.number(),
  height: z.number(),
  user: z.object({ name: z.string() }),
  video_files: z.array(file),
});

/** The part of Pexels' answer that is used and kept. */
export const searchAnswer = z.object({ videos: z.array(video) });
export type PexelsVideo = z.infer<typeof video>;
export type PexelsFile = z.infer<typeof file>;

export interface PexelsQuery {
  term: string;
  /** '' for any. */
  orientation: string;
  /** One of Pexels' locales, or '' for its default, English. */
  locale: string;
  /** 1 is the first. */
  page: number;
  /** Videos of one page, at most 80. */
  perPage: number;
}

export interface PexelsAccess {
  /** What stands before `/videos/search`. */
  baseUrl: string;
  key: string | null;
  /** How long a search may take; {@link SEARCH_TIMEOUT_MS} when not given. */
  searchTimeoutMs?: number;
}

const SEARCH_TIMEOUT_MS = 20_000;
/** The monthly limit may reset in weeks; nobody waits for that in one go. */
const MAX_WAIT_MS = 3_600_000;

/**
 * One search. Throws the signal's reason when it aborts, else a StageError: `provider_account` for a refused
 * key, `rate_limited` or `quota` with Pexels' own wait, `server_error`, `connection`, `timeout` or `invalid_response`.
 */
export async function searchPexels(
  access: PexelsAccess,
  query: PexelsQuery,
  signal: AbortSignal,
): Promise<PexelsVideo[]> {
  const timeoutMs = access.searchTimeoutMs ?? SEARCH_TIMEOUT_MS;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(searchUrl(access.baseUrl, query), {
      headers: access.key === null ? {} : { authorization: access.key },
      // A redirect could carry the key elsewhere.
      redirect: 'error',
      signal: limited,
    });
    if (!response.ok) throw refusal(response);
    return parse(await response.text());
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StageError) throw error;
    if (limited.aborted) {
      throw new StageError('timeout', `Pexels did not answer within ${timeoutMs / 1000} s`, { cause: error });
    }
    const unbilled = neverArrived(error);
    throw new StageError('connection', `Pexels could not be reached: ${causeOf(error)}`, {
      cause: error,
      unbilled,
    });
  }
}

function searchUrl(baseUrl: string, { term, orientation, locale, page, perPage }: PexelsQuery): string {
  const wanted = new URLSearchParams({ query: term, page: String(page), per_page: String(perPage) });
  if (orientation) wanted.set('orientation', orientation);
  if (locale) wanted.set('locale', locale);
  return `${baseUrl.replace(/\/$/, '')}/videos/search?${wanted}`;
}

function refusal({ status, headers }: Response): StageError {
  if (status === 401 || status === 403) {
    return new StageError('provider_account', 'Pexels refused the key: set PEXELS_API_KEY', {
      unbilled: true,
    });
  }
  if (status === 429) {
    const retryAfterMs = waitOf(headers);
    const usedUp = headers.get('x-ratelimit-remaining') === '0';
    const message = usedUp
      ? 'Pexels has given all searches of this month (429)'
      : 'Pexels takes no more searches for now (429)';
    const wait = retryAfterMs === null ? {} : { retryAfterMs };
    return new StageError(usedUp ? 'quota' : 'rate_limited', message, { unbilled: true, ...wait });
  }
  const kind = status >= 500 ? 'server_error' : 'invalid_response';
  return new StageError(kind, `Pexels answered the search with status ${status}`, { unbilled: true });
}

/** Wait that Pexels asks for: Retry-After in seconds or as a date, else until X-Ratelimit-Reset (Unix seconds). */
function waitOf(headers: Headers): number | null {
  const after = headers.get('retry-after');
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  const until = after === null ? reset * 1000 : Date.parse(after);
  const waitMs = after !== null && /^\d+$/.test(after) ? Number(after) * 1000 : until - Date.now();
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), MAX_WAIT_MS) : null;
}

function parse(text: string): PexelsVideo[] {
  const parsed = searchAnswer.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.videos;
  throw new StageError(
    'invalid_response',
    `Pexels' answer was not understood: ${z.prettifyError(parsed.error)}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 100);
  }
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}
