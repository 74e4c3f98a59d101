import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NO_SECRETS, type Secrets } from '../../../infra/settings/secrets.ts';
import { signatureFault } from './s3-signature.ts';

/** What the server does to a request instead of answering it. */
export type Mishap =
  | { status: number; code?: string }
  /** Closes the connection, after this many bytes of the answer's body. */
  | { cutAfter: number }
  /** Does what is asked, and closes the connection without an answer. */
  | 'unheard'
  /** Never answers. */
  | 'silent';

export interface S3Request {
  method: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

interface StoredObject {
  body: Buffer;
  headers: Record<string, string>;
}

interface Upload {
  key: string;
  headers: Record<string, string>;
  parts: Map<number, Buffer>;
  begunAtMs: number;
}

export const S3_SECRETS: Secrets = { ...NO_SECRETS, s3KeyId: 'AKIAFAKE', s3Secret: 'fake-secret/of+s3' };
export const S3_REGION = 'eu-north-1';
const MIN_PART_BYTES = 5 * 1024 ** 2;
const PAGE = 3;

/**
 * An S3-compatible server in this process, as far as the store speaks to one: signatures and hashes of bodies are
 * checked, parts are joined, lists come in pages, `If-None-Match: *` and `If-Match` hold.
 */
export class FakeS3 {
  readonly bucket = 'films';
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  readonly requests: S3Request[] = [];
  /** Asked at each request, signed rightly or not. */
  mishap: (request: S3Request) => Mishap | null = () => null;
  bucketIsThere = true;
  readonly #server = createServer((request, response) => {
    // A client that goes away in mid-request needs no answer.
    this.#answer(request, response).catch(() => response.destroy());
  });

  static async start(): Promise<FakeS3> {
    const fake = new FakeS3();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every open connection. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const url = new URL(incoming.url ?? '', this.endpoint);
    const [, bucket = '', ...key] = decodeURIComponent(url.pathname).split('/');
    const { method = '', headers } = incoming;
    const query = url.searchParams;
    const request = { method, key: key.join('/'), query, headers, body: Buffer.concat(chunks) };
    this.requests.push(request);
    const mishap = this.mishap(request);
    if (mishap === 'silent') return;
    if (mishap && typeof mishap === 'object' && 'status' in mishap) {
      return refuse(response, mishap.status, mishap.code ?? 'InternalError');
    }
    const fault = signatureFault(request, url, S3_SECRETS, S3_REGION);
    if (fault) return refuse(response, 403, fault);
    if (!this.bucketIsThere || bucket !== this.bucket) return refuse(response, 404, 'NoSuchBucket');
    if (mishap === null) return this.#serve(request, response);
    if (mishap === 'unheard') {
      const unheard = { setHeader() {}, writeHead: () => unheard, end() {}, write() {} };
      this.#serve(request, unheard as unknown as ServerResponse);
      return incoming.socket.destroy();
    }
    this.#serveCut(request, response, mishap.cutAfter);
  }

  #serve(request: S3Request, response: ServerResponse): unknown {
    const { method, key, query } = request;
    if (method === 'GET' && key === '')
      return query.has('uploads') ? this.#uploads(query, response) : this.#list(query, response);
    if (method === 'GET' || method === 'HEAD') return this.#read(request, response);
    if (method === 'DELETE') return this.#remove(request, response);
    if (method === 'POST')
      return query.has('uploads') ? this.#begin(request, response) : this.#complete(request, response);
    return query.has('partNumber') ? this.#part(request, response) : this.#put(request, response);
  }

  #put({ key, headers, body }: S3Request, response: ServerResponse): unknown {
    if (headers['if-none-match'] === '*' && this.objects.has(key))
      return refuse(response, 412, 'PreconditionFailed');
    this.objects.set(key, { body, headers: metaOf(headers) });
    response.writeHead(200, { etag: etagOf(body) }).end();
  }

  #read({ key, headers, method }: S3Request, response: ServerResponse): unknown {
    const object = this.objects.get(key);
    if (!object) return refuse(response, 404, 'NoSuchKey', method);
    const { body } = object;
    const etag = etagOf(body);
    const match = headers['if-match'];
    if (match !== undefined && match !== etag) return refuse(response, 412, 'PreconditionFailed', method);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (first !== undefined && Number(first) >= body.length)
      return refuse(response, 416, 'InvalidRange', method);
    const part = first === undefined ? body : body.subarray(Number(first), Number(last) + 1);
    response.writeHead(first === undefined ? 200 : 206, {
      ...object.headers,
      etag,
      'content-length': part.length,
    });
    response.end(method === 'HEAD' ? undefined : part);
  }

  #serveCut(request: S3Request, response: ServerResponse, bytes: number): void {
    const end = (body?: Buffer) => {
      response.write(body?.subarray(0, bytes) ?? '', () => response.destroy());
    };
    this.#serve(request, {
      writeHead: (status: number, headers: Record<string, string>) => {
        response.writeHead(status, headers);
        return { end };
      },
      end,
    } as unknown as ServerResponse);
  }

  #remove({ key, query }: S3Request, response: ServerResponse): void {
    const uploadId = query.get('uploadId');
    if (uploadId !== null) this.uploads.delete(uploadId);
    else this.objects.delete(key);
    response.writeHead(204).end();
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const prefix = query.get('prefix') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const rows = keys.slice(0, PAGE).map((key) => `<Contents><Key>${escaped(key)}</Key></Contents>`);
    answerXml(
      response,
      `<ListBucketResult><IsTruncated>${keys.length > PAGE}</IsTruncated>${rows.join('')}</ListBucketResult>`,
    );
  }

  #uploads(query: URLSearchParams, response: ServerResponse): void {
    const found = [...this.uploads].filter(([, { key }]) => key.startsWith(query.get('prefix') ?? ''));
    const rows = found.map(
      ([id, { key, begunAtMs }]) =>
        `<Upload><Key>${escaped(key)}</Key><UploadId>${id}</UploadId><Initiated>${new Date(begunAtMs).toISOString()}</Initiated></Upload>`,
    );
    answerXml(response, `<ListMultipartUploadsResult>${rows.join('')}</ListMultipartUploadsResult>`);
  }

  #begin({ key, headers }: S3Request, response: ServerResponse): void {
    const id = randomUUID();
    this.uploads.set(id, { key, headers: metaOf(headers), parts: new Map(), begunAtMs: Date.now() });
    answerXml(
      response,
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  #part({ query, body }: S3Request, response: ServerResponse): unknown {
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    if (!upload) return refuse(response, 404, 'NoSuchUpload');
    upload.parts.set(Number(query.get('partNumber')), body);
    response.writeHead(200, { etag: etagOf(body) }).end();
  }

  #complete({ key, query, body }: S3Request, response: ServerResponse): unknown {
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (!upload) return refuse(response, 404, 'NoSuchUpload');
    const listed = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)];
    const parts = listed.map(([, number, tag]) => ({ part: upload.parts.get(Number(number)), tag }));
    if (parts.some(({ part, tag }) => !part || etagOf(part) !== tag))
      return refuse(response, 400, 'InvalidPart');
    const bodies = parts.map(({ part }) => part as Buffer);
    if (bodies.slice(0, -1).some(({ length }) => length < MIN_PART_BYTES))
      return refuse(response, 400, 'EntityTooSmall');
    this.objects.set(key, { body: Buffer.concat(bodies), headers: upload.headers });
    this.uploads.delete(id);
    answerXml(response, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }
}

function metaOf(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') ? [[name, String(value)]] : [],
    ),
  );
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function answerXml(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`));
}

function refuse(response: ServerResponse, status: number, code: string, method = 'GET'): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(method === 'HEAD' ? undefined : Buffer.from(`<Error><Code>${code}</Code></Error>`));
}
