import { setTimeout as wait } from 'node:timers/promises';
import { endsStream, type PipelineEvent } from '../../domain/events.ts';
import { isFinal } from '../../domain/video.ts';
import { refusal, type StatusAnswer } from './api-client.ts';
import { CliError, EXIT } from './cli-error.ts';
import { readJson, send } from './http.ts';
import { parseMessages } from './server-sent-events.ts';

/** What the stream tells: the row, or one event. */
export type FeedItem = { kind: 'snapshot'; view: StatusAnswer } | { kind: 'event'; event: PipelineEvent };

export interface FeedSource {
  /** Address of the API; the feed changes it when the API has come back elsewhere. */
  api: string;
  videoId: string;
  /** Events before this time are of an earlier try of the video, and not told. */
  fromMs: number;
  /** Starts or joins the stack again and tells its address: after a crash the API may be elsewhere. */
  rejoin(): Promise<string>;
  signal: AbortSignal;
}

/** The API shows that it lives every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = 300;
/** After this many failed tries in a row the stack itself is asked for. */
const TRIES_BEFORE_REJOIN = 5;
const MOST_TRIES = 20;

/**
 * Everything that happens to the video until its end, over as many connections as it takes: a broken one is
 * opened again after the last event that came. Throws a CliError when the API stays away (exit code 3).
 */
export async function* watchVideo(source: FeedSource): AsyncGenerator<FeedItem> {
  let lastId: string | null = null;
  let ended = false;
  for (let tries = 0; !source.signal.aborted; tries += 1) {
    try {
      for await (const { id, item } of readStream(source, lastId)) {
        tries = 0;
        lastId = id ?? lastId;
        ended = endedAfter(ended, item);
        if (item.kind === 'snapshot' || Date.parse(item.event.at) >= source.fromMs) yield item;
      }
      // The row decides: the API closes the stream of a video that has its end, and of no other.
      if (ended) return;
    } catch (error) {
      if (error instanceof CliError) throw error;
    }
    if (source.signal.aborted) return;
    if (tries >= MOST_TRIES) throw lost(source.api);
    await wait(RETRY_MS, undefined, { signal: source.signal }).catch(() => undefined);
    if (tries >= TRIES_BEFORE_REJOIN && !source.signal.aborted) source.api = await source.rejoin();
  }
}

/** An end in the past of a video that was retried since is none. */
function endedAfter(ended: boolean, item: FeedItem): boolean {
  if (item.kind === 'snapshot') return isFinal(item.view.status);
  return endsStream(item.event.type) || (ended && item.event.type !== 'video.queued');
}

async function* readStream(
  source: FeedSource,
  lastId: string | null,
): AsyncGenerator<{ id: string | null; item: FeedItem }> {
  const answer = await send(new URL(`/pipeline/stream/${source.videoId}`, source.api), {
    headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
    signal: source.signal,
    silenceMs: SILENCE_MS,
  });
  const status = answer.statusCode ?? 0;
  if (status !== 200) {
    const problem = (await readJson(answer)) as { detail?: string } | null;
    if (status < 500) throw refusal(status, problem ?? {}, `video ${source.videoId}`);
    throw new Error(`the API answered ${status}`);
  }
  for await (const { id, event, data } of parseMessages(answer)) {
    yield { id, item: itemOf(event, data) };
  }
}

function itemOf(event: string, data: string): FeedItem {
  const value: unknown = JSON.parse(data);
  return event === 'snapshot'
    ? { kind: 'snapshot', view: value as StatusAnswer }
    : { kind: 'event', event: value as PipelineEvent };
}

function lost(api: string): CliError {
  return new CliError(EXIT.operator, `the API at ${api} does not answer; start it with npm run up`);
}
