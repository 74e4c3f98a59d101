import { SlowReaderError } from '../../infra/events/event-reader.ts';
import type { ApiDeps } from '../app.ts';
import type { Feed } from './message.ts';
import type { Ending, Transport } from './transport.ts';

export const RECHECK_MS = 15_000;
const SLOW_READER_MS = 15_000;

/**
 * Tells a client the feed until that ends, the client goes, does not read, or the API stops. One message at a time:
 * what a client has not taken waits in Redis, not here. Never throws; `path` is for the log.
 */
export async function runStream(
  deps: ApiDeps,
  path: string,
  transport: Transport,
  feed: Feed,
): Promise<void> {
  const { closing, slowReaderMs = SLOW_READER_MS } = deps;
  const over = new AbortController();
  const signal = AbortSignal.any([transport.gone, over.signal, ...(closing ? [closing] : [])]);
  let failure: unknown = null;
  const fail = (error: unknown) => {
    failure ??= error;
    over.abort();
  };
  const beat = setInterval(() => {
    withinMs(transport.ping(), slowReaderMs, signal).catch(fail);
  }, deps.recheckMs ?? RECHECK_MS);
  try {
    await feed((message) => withinMs(transport.send(message), slowReaderMs, signal), signal);
  } catch (error) {
    fail(error);
  }
  clearInterval(beat);
  const ending = endingOf(deps, transport, failure);
  if (ending === 'failed') deps.log.error({ err: failure, path }, 'stream failed');
  if (ending === 'slow') deps.log.info({ path }, 'a client that does not read its stream was dropped');
  await finish(transport, ending, slowReaderMs);
  over.abort();
}

function endingOf({ closing }: ApiDeps, { gone }: Transport, failure: unknown): Ending {
  if (gone.aborted) return 'gone';
  if (failure instanceof SlowReaderError) return 'slow';
  if (closing?.aborted) return 'stopping';
  return failure === null ? 'told' : 'failed';
}

/** A client that does not read does not get a goodbye either. */
async function finish(transport: Transport, ending: Ending, limitMs: number): Promise<void> {
  if (ending === 'gone' || ending === 'slow') return transport.cut();
  const never = new AbortController().signal;
  await withinMs(transport.end(ending), limitMs, never).catch(() => transport.cut());
}

/** Settles like `write`; rejects earlier when the signal aborts, and with SlowReaderError after the limit. */
function withinMs(write: Promise<void>, limitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => settle(() => reject(new SlowReaderError(`a client took nothing for ${limitMs} ms`)));
    const over = () => settle(() => reject(new Error('the stream is over')));
    const timer = setTimeout(late, limitMs);
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      how();
    };
    signal.addEventListener('abort', over);
    if (signal.aborted) over();
    write.then(
      () => settle(resolve),
      (error) => settle(() => reject(error)),
    );
  });
}
