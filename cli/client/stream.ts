import { setTimeout as wait } from 'node:timers/promises';
import { refusal } from './api-client.ts';
import { CliError, EXIT } from './cli-error.ts';
import { readJson, send } from './http.ts';
import { parseMessages } from './server-sent-events.ts';

/** Where a stream of the API is read from. */
export interface StreamSource {
  /** Address of the API; the reader changes it when the API has come back elsewhere. */
  api: string;
  /** Tells the API's address again after it was lost: after a crash it may be elsewhere. */
  rejoin(signal: AbortSignal): Promise<string>;
  signal: AbortSignal;
}

/** One message of the stream; `value` is its JSON. */
export interface StreamItem {
  id: string | null;
  event: string;
  value: unknown;
}

interface Stream {
  path: string;
  /** Begins the message when the API refuses. */
  what: string;
  /** Whether the stream may end now; else its end is a cut. */
  isEnded(): boolean;
  /** After a cut before the first event, what came since the first connection is asked for. */
  fromNow?: boolean;
}

/** The API shows that it lives every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = 300;
/** After this many failed tries in a row the address is asked for again. */
const TRIES_BEFORE_REJOIN = 5;
const MOST_TRIES = 20;

/**
 * All messages of a stream, over as many connections as it takes: a broken one is opened again after the last event
 * that came. Throws a CliError when the API refuses, or stays away (exit code 3).
 */
export async function* followStream(source: StreamSource, stream: Stream): AsyncGenerator<StreamItem> {
  const place: Place = { lastId: null };
  for (let tries = 0; !source.signal.aborted; tries += 1) {
    try {
      for await (const item of readOnce(source, stream, place)) {
        tries = 0;
        yield item;
      }
      if (stream.isEnded()) return;
    } catch (error) {
      if (error instanceof CliError) throw error;
    }
    if (source.signal.aborted) return;
    if (tries >= MOST_TRIES) throw lost(source.api);
    await wait(RETRY_MS, undefined, { signal: source.signal }).catch(() => undefined);
    if (tries >= TRIES_BEFORE_REJOIN && !source.signal.aborted)
      source.api = await source.rejoin(source.signal);
  }
}

/** How far the stream was read. */
interface Place {
  lastId: string | null;
}

async function* readOnce(source: StreamSource, stream: Stream, place: Place): AsyncGenerator<StreamItem> {
  const { lastId } = place;
  const answer = await send(new URL(stream.path, source.api), {
    headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
    signal: source.signal,
    silenceMs: SILENCE_MS,
  });
  const status = answer.statusCode ?? 0;
  if (status !== 200) {
    const problem = (await readJson(answer)) as { detail?: string } | null;
    if (status < 500) throw refusal(status, problem ?? {}, stream.what);
    throw new Error(`the API answered ${status}`);
  }
  if (stream.fromNow) place.lastId ??= `${Date.parse(answer.headers.date ?? '') || Date.now()}-0`;
  for await (const { id, event, data } of parseMessages(answer)) {
    place.lastId = id ?? place.lastId;
    yield { id, event, value: JSON.parse(data) as unknown };
  }
}

function lost(api: string): CliError {
  return new CliError(EXIT.operator, `the API at ${api} does not answer; start it with npm run up`);
}
