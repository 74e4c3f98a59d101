import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isLoopback } from '../../infra/loopback.ts';
import { ClipRefused } from './refused.ts';

export interface DownloadRules {
  /** Host names that may be downloaded from. */
  hosts: readonly string[];
  /** Aborts the download, which then throws the signal's reason. */
  signal: AbortSignal;
  maxBytes?: number;
  timeoutMs?: number;
  /** Given up after this long without a byte. */
  stallMs?: number;
}

export interface Downloaded {
  sha256: string;
  bytes: number;
}

const MAX_CLIP_BYTES = 200 * 1024 ** 2;
const TIMEOUT_MS = 50_000;
const STALL_MS = 10_000;
const MAX_REDIRECTS = 3;

/**
 * Writes a video to a new file. Only from an allowed host over https (or plain from this machine itself), never
 * by a redirect to another host, only `video/*`, within size and time. Throws {@link ClipRefused} for what
 * the file or its server did; the part is then gone.
 */
export async function download(url: string, path: string, rules: DownloadRules): Promise<Downloaded> {
  const { timeoutMs = TIMEOUT_MS, stallMs = STALL_MS, maxBytes = MAX_CLIP_BYTES } = rules;
  const stalled = new AbortController();
  const silence = setTimeout(() => stalled.abort(), stallMs);
  const signal = AbortSignal.any([rules.signal, stalled.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await open(allowed(url, rules.hosts), signal);
    return await save(response, path, { maxBytes, signal, onBytes: () => void silence.refresh() });
  } catch (error) {
    await rm(path, { force: true });
    rules.signal.throwIfAborted();
    if (stalled.signal.aborted) throw new ClipRefused(`no data came for ${stallMs / 1000} s`);
    if (signal.aborted) throw new ClipRefused(`the download took longer than ${timeoutMs / 1000} s`);
    // fetch tells of a broken connection by a TypeError; a full disk of our own is none.
    if (error instanceof TypeError) throw new ClipRefused(`the download broke off: ${error.message}`);
    throw error;
  } finally {
    clearTimeout(silence);
  }
}

async function open(first: URL, signal: AbortSignal): Promise<Response> {
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const response = await fetch(url.href, {
      redirect: 'manual',
      signal,
      headers: { accept: 'video/*', 'accept-encoding': 'identity' },
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const next = addressOf(location, url);
    if (next.host !== first.host) throw new ClipRefused(`redirected to another host: ${next.host}`);
    url = allowed(next.href, [first.hostname]);
  }
  throw new ClipRefused('too many redirects');
}

async function save(
  response: Response,
  path: string,
  { maxBytes, signal, onBytes }: { maxBytes: number; signal: AbortSignal; onBytes: () => void },
): Promise<Downloaded> {
  const fault = faultOf(response, maxBytes);
  if (fault !== null || response.body === null) {
    await response.body?.cancel();
    throw new ClipRefused(fault ?? 'the answer is empty');
  }
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        onBytes();
        if (bytes > maxBytes) throw new ClipRefused(tooLarge(maxBytes));
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
    { signal },
  );
  if (bytes === 0) throw new ClipRefused('the file is empty');
  return { sha256: hash.digest('hex'), bytes };
}

function faultOf({ ok, status, headers }: Response, maxBytes: number): string | null {
  if (!ok) return `the download was answered with status ${status}`;
  const type = headers.get('content-type') ?? 'no type';
  if (!type.startsWith('video/')) return `the file is no video but ${type}`;
  return Number(headers.get('content-length') ?? 0) > maxBytes ? tooLarge(maxBytes) : null;
}

function tooLarge(maxBytes: number): string {
  return `the file is larger than ${Math.floor(maxBytes / 1024 ** 2)} MB`;
}

function allowed(url: string, hosts: readonly string[]): URL {
  const parsed = addressOf(url);
  const { protocol, hostname } = parsed;
  if (!hosts.includes(hostname)) throw new ClipRefused(`${hostname} is not among FOOTAGE_HOSTS`);
  const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  if (!safe) throw new ClipRefused(`${protocol}//${hostname} is not https`);
  return parsed;
}

function addressOf(text: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base);
  throw new ClipRefused(`not an address: ${text.slice(0, 100)}`);
}
