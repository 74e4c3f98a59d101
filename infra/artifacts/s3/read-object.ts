import type { ByteSpan } from '../store.ts';
import type { Bucket } from './bucket.ts';
import { BucketError, unanswered } from './bucket-error.ts';
import { waitAfter } from './retried.ts';

/** A server that is silent for so long is asked again. */
const SILENCE_MS = 30_000;

interface Reading {
  bucket: Bucket;
  key: string;
  signal?: AbortSignal | undefined;
}

/**
 * The bytes of an object as they come. When the connection breaks, the rest is asked for, of the same version of the
 * object, as long as each try brings something or fails less than five times in a row. Throws a BucketError.
 */
export async function* readObject(reading: Reading, span: ByteSpan): AsyncGenerator<Buffer> {
  const { bucket, signal } = reading;
  let { first } = span;
  let etag: string | null = null;
  let failures = 0;
  while (first <= span.last) {
    const silence = new Silence(signal);
    try {
      const response = await begin(reading, { first, last: span.last }, etag, silence);
      etag ??= response.headers.get('etag');
      for await (const chunk of piecesOf(response, silence)) {
        first += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (first <= span.last) throw new Error('the answer ended early');
    } catch (error) {
      failures += 1;
      const known =
        error instanceof BucketError ? error : unanswered(`${bucket.name}: GET ${reading.key}`, error);
      await waitAfter(known, failures, { scale: bucket.patience, signal });
    } finally {
      silence.end();
    }
  }
}

function begin(
  { bucket, key }: Reading,
  { first, last }: ByteSpan,
  etag: string | null,
  silence: Silence,
): Promise<Response> {
  const headers = { range: `bytes=${first}-${last}`, ...(etag !== null && { 'if-match': etag }) };
  return silence.during(bucket.begin({ method: 'GET', key, headers, signal: silence.signal }));
}

async function* piecesOf(response: Response, silence: Silence): AsyncGenerator<Buffer> {
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await silence.during(reader?.read() ?? Promise.resolve({ done: true, value: undefined }));
    if (!piece.value) return;
    yield Buffer.from(piece.value.buffer, piece.value.byteOffset, piece.value.byteLength);
  }
}

/** Ends a request when the server is silent; a reader who takes his time is no silence. */
class Silence {
  readonly signal: AbortSignal;
  readonly #own = new AbortController();

  constructor(outer: AbortSignal | undefined) {
    this.signal = outer ? AbortSignal.any([outer, this.#own.signal]) : this.#own.signal;
  }

  async during<T>(answer: Promise<T>): Promise<T> {
    const timer = setTimeout(
      () => this.#own.abort(new Error(`silent for ${SILENCE_MS / 1000} s`)),
      SILENCE_MS,
    );
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes the connection where the answer was not read to its end. */
  end(): void {
    this.#own.abort();
  }
}
