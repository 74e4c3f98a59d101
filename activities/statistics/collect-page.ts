import { ApplicationFailure, activityInfo, cancellationSignal } from '@temporalio/activity';
import { ERROR_KINDS, StageError } from '../../domain/errors.ts';
import { type CollectStop, PAGE_SIZE, type PageAnswer } from '../../domain/statistics.ts';
import { STATISTICS_PROVIDER } from '../../infra/analytics/provider.ts';
import { fetchStatistics, type Item } from '../../infra/analytics/youtube-statistics.ts';
import type { Deps } from '../../infra/deps.ts';
import { closeDay, takeUnits } from '../../infra/publish/quota.ts';
import { youtubeEndpoints } from '../../infra/publish/youtube-endpoints.ts';
import { YouTubeError, type YouTubeFault } from '../../infra/publish/youtube-error.ts';
import { classifyError } from '../classify-error.ts';
import { throughGate } from '../providers/gated.ts';

interface Subject {
  youtube_id: string;
}

/** What a page asks for, and what becomes of the answer. */
export interface Page<T extends Subject> {
  resource: 'channels' | 'videos';
  subjects(): Promise<T[]>;
  store(told: { subject: T; item: Item | null }[]): Promise<void>;
  /** Where the page after this last one begins. */
  next(last: T): string;
}

/**
 * One page. What only tomorrow or an operator mends is an answer, what may work the next time is thrown for Temporal to
 * try again.
 */
export async function collectPage<T extends Subject>(deps: Deps, page: Page<T>): Promise<PageAnswer> {
  try {
    const key = deps.secrets.youtubeApi;
    if (key === null) return stopped('no_key');
    const subjects = await page.subjects();
    if (subjects.length === 0) return { found: 0, not_found: 0, next: null, stopped: null };
    const ids = [...new Set(subjects.map(({ youtube_id }) => youtube_id))];
    const items = await ask(deps, key, page.resource, ids);
    if (items === null) return stopped('quota');
    const told = subjects.map((subject) => ({ subject, item: items.get(subject.youtube_id) ?? null }));
    await page.store(told);
    return answerOf(page, told);
  } catch (thrown) {
    const error = classifyError(thrown);
    deps.log.warn({ err: error, resource: page.resource }, 'a page of statistics was not collected');
    if (error.closed) return stopped('provider_closed');
    throw failureOf(deps, error);
  }
}

function stopped(reason: CollectStop): PageAnswer {
  return { found: 0, not_found: 0, next: null, stopped: reason };
}

function answerOf<T extends Subject>(
  page: Page<T>,
  told: readonly { subject: T; item: Item | null }[],
): PageAnswer {
  const found = told.filter(({ item }) => item !== null).length;
  const last = told.at(-1);
  const next = last && told.length === PAGE_SIZE ? page.next(last.subject) : null;
  return { found, not_found: told.length - found, next, stopped: null };
}

/** Null when today's allowance has nothing left for it. */
async function ask(
  deps: Deps,
  key: string,
  resource: 'channels' | 'videos',
  ids: readonly string[],
): Promise<Map<string, Item> | null> {
  const signal = cancellationSignal();
  const caller = { videoId: null, signal, log: deps.log };
  return throughGate(deps, STATISTICS_PROVIDER, caller, async () => {
    if (!(await takeUnits(deps, `${resource}.list`))) return null;
    try {
      return await fetchStatistics({ api: youtubeEndpoints(deps.config).api, key, resource, ids, signal });
    } catch (error) {
      if (!(error instanceof YouTubeError)) throw error;
      if (error.fault !== 'quota') throw new StageError(KINDS[error.fault], error.message);
      await closeDay(deps.pool, 'units');
      return null;
    }
  });
}

/** What a fault says of the service, as its gate understands it. */
const KINDS = {
  unreachable: 'server_error',
  provider_account: 'provider_account',
  upload_limit: 'invalid_response',
  gone: 'invalid_response',
  refused: 'invalid_response',
  exists: 'invalid_response',
} as const satisfies Record<Exclude<YouTubeFault, 'quota'>, string>;

function failureOf({ config }: Deps, { kind, message }: StageError): ApplicationFailure {
  const { retry, backoffMs } = ERROR_KINDS[kind];
  const waitMs = backoffMs(activityInfo().attempt) * config.times.retryScale;
  return retry === 'never'
    ? ApplicationFailure.create({ type: kind, message, nonRetryable: true })
    : ApplicationFailure.create({ type: kind, message, nextRetryDelay: Math.max(1, waitMs) });
}
