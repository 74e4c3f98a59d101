import { z } from 'zod';
import { PAGE_SIZE } from '../../domain/statistics.ts';
import { errorOf, YouTubeError } from '../publish/youtube-error.ts';

const ANSWER_MS = 30_000;

/** Counts of one channel or video, by YouTube's names; a name that is missing was not told. */
export interface Item {
  title: string | null;
  counts: Record<string, number>;
}

export interface StatisticsCall {
  /** What stands before /youtube/v3. */
  api: string;
  key: string;
  resource: 'channels' | 'videos';
  /** At most 50. */
  ids: readonly string[];
  signal: AbortSignal;
}

/**
 * One call, by id: what is not in the answer is not known to YouTube. Throws a YouTubeError, whose message does not hold
 * the key, or the signal's reason.
 */
export async function fetchStatistics(call: StatisticsCall): Promise<Map<string, Item>> {
  const { resource, ids, api, key } = call;
  const part = resource === 'channels' ? 'statistics,snippet' : 'statistics';
  const query = new URLSearchParams({ part, id: ids.join(','), maxResults: String(PAGE_SIZE), key });
  const what = `asking for statistics of ${resource}`;
  const response = await send(`${api}/youtube/v3/${resource}?${query}`, call.signal);
  if (!response.ok) throw await errorOf(response, what);
  return itemsOf(await bodyOf(response, what), what);
}

async function send(url: string, signal: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    // A redirect would take the key elsewhere.
    return await fetch(url, { redirect: 'manual', signal: AbortSignal.any([signal, timeout]) });
  } catch {
    if (signal.aborted) throw signal.reason;
    const why = timeout.aborted ? `did not answer within ${ANSWER_MS / 1000} s` : 'could not be reached';
    throw new YouTubeError('unreachable', `YouTube ${why}`);
  }
}

async function bodyOf(response: Response, what: string): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new YouTubeError('unreachable', `${what}: the answer broke off or is no JSON`);
  }
}

const counts = z.record(z.string(), z.unknown()).catch({});
const item = z.object({
  id: z.string(),
  snippet: z.object({ title: z.string() }).nullable().catch(null).default(null),
  statistics: counts.default({}),
});
/** Without a single item YouTube leaves the list out. */
const answer = z.object({ items: z.array(item).default([]) });

function itemsOf(body: unknown, what: string): Map<string, Item> {
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw new YouTubeError('unreachable', `${what}: the answer has another form`);
  return new Map(
    parsed.data.items.map(({ id, snippet, statistics }) => [
      id,
      { title: snippet?.title ?? null, counts: countsIn(statistics) },
    ]),
  );
}

/** YouTube writes counts as text. A hidden number of subscribers comes as a wrong one, with a mark beside it. */
function countsIn({ hiddenSubscriberCount, ...statistics }: Record<string, unknown>): Record<string, number> {
  const read = Object.entries(statistics).flatMap(([name, value]) => {
    const hidden = name === 'subscriberCount' && hiddenSubscriberCount === true;
    return !hidden && /^\d{1,15}$/.test(String(value)) ? [[name, Number(value)] as const] : [];
  });
  return Object.fromEntries(read);
}
