import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { BucketConfig } from '../../settings/artifacts-config.ts';
import { refusal, unanswered } from './bucket-error.ts';
import { retried } from './retried.ts';

/** The usual three of AWS; the last is of temporary keys alone. */
export interface BucketKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
}

export interface Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Whole key in the bucket; without it the bucket itself is meant. */
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** Statuses beside 2xx that are no failure. A missing bucket always is one. */
  accept?: number[];
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** A bucket of an S3-compatible server, addressed by path. */
export interface Bucket {
  readonly name: string;
  /** Factor on the waits between tries. */
  readonly patience: number;
  /** One call and its whole answer, tried again while it fails in a way that passes. Throws a BucketError. */
  call(call: Call): Promise<Answer>;
  /** One try whose answer comes in pieces. Throws a BucketError when it is refused or none comes. */
  begin(call: Call): Promise<Response>;
}

/** A try of a call ends after this long; a part of 8 MiB needs 0.6 Mbit/s. */
const TRY_MS = 120_000;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** Every request is signed together with the hash of its body. */
export function openBucket(config: BucketConfig, keys: BucketKeys, patience: number): Bucket {
  const name = `artifact store s3://${config.name}`;
  const cache = new Map<string, ArrayBuffer>();
  const credentials = {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken !== null && { sessionToken: keys.sessionToken }),
  };
  const sign = async ({ method, body, headers, ...call }: Call) => {
    const sha256 = body === undefined ? EMPTY_SHA256 : createHash('sha256').update(body).digest('hex');
    const signer = new AwsV4Signer({
      ...{ ...credentials, cache, method, service: 's3', region: config.region },
      url: urlOf(config, call),
      headers: { ...headers, 'x-amz-content-sha256': sha256 },
    });
    return signer.sign();
  };
  const begin = async (call: Call) => {
    const what = `${name}: ${call.method} ${call.key ?? ''}`.trim();
    const { url, headers } = await sign(call);
    const { method, signal, body } = call;
    // A redirect is not followed: it would show the signature to another host.
    const init: RequestInit = { method, headers, redirect: 'manual' };
    if (signal) init.signal = signal;
    if (body !== undefined) init.body = body;
    const response = await fetch(url, init).catch((error: unknown) => {
      throw unanswered(what, error);
    });
    if (response.ok) return response;
    const text = await response.text().catch(() => '');
    if (!call.accept?.includes(response.status) || text.includes('<Code>NoSuchBucket<')) {
      throw refusal(what, response.status, text);
    }
    return new Response(text || null, { status: response.status, headers: response.headers });
  };
  const tryOnce = async (call: Call): Promise<Answer> => {
    const limit = AbortSignal.timeout(TRY_MS);
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit;
    const { status, headers, text } = await whole(
      await begin({ ...call, signal }),
      `${name}: ${call.method}`,
    );
    // A server that has begun its answer with 200 can tell of a failure only in the body.
    if (status < 300 && /^\s*(<\?xml[^>]*>\s*)?<Error>/.test(text))
      throw refusal(`${name}: ${call.method}`, 500, text);
    return { status, headers, text };
  };
  return {
    name,
    patience,
    call: (call) => retried(() => tryOnce(call), { scale: patience, signal: call.signal }),
    begin,
  };
}

async function whole(response: Response, what: string): Promise<Answer> {
  const text = await response.text().catch((error: unknown) => {
    throw unanswered(what, error);
  });
  return { status: response.status, headers: response.headers, text };
}

/** Spaces as %20: the signature is made of that spelling. */
function urlOf({ endpoint, name }: BucketConfig, { key, query = {} }: Pick<Call, 'key' | 'query'>): string {
  const path = [name, ...(key?.split('/') ?? [])].map(encodeURIComponent).join('/');
  const search = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='));
  return `${endpoint.replace(/\/+$/, '')}/${path}${search.length > 0 ? `?${search.join('&')}` : ''}`;
}
