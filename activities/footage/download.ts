import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Allowed, openUrl } from './open-url.ts';
import { ClipRefused } from './refused.ts';

export interface DownloadRules extends Allowed {
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
/** Length and name of the first box of an MP4, and the names that it may have. */
const FIRST_BOX_BYTES = 8;
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide'];

/**
 * Writes a video to a new file. Only from an allowed host over https (or plain from this machine itself), only
 * `video/*` that begins as an MP4 does, within size and time. Throws {@link ClipRefused} for what
 * the file or its server did; the part is then gone.
 */
export async function download(url: string, path: string, rules: DownloadRules): Promise<Downloaded> {
  const { timeoutMs = TIMEOUT_MS, stallMs = STALL_MS, maxBytes = MAX_CLIP_BYTES } = rules;
  const stalled = new AbortController();
  const silence = setTimeout(() => stalled.abort(), stallMs);
  const signal = AbortSignal.any([rules.signal, stalled.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await openUrl(url, rules, signal);
    return await save(response, path, { maxBytes, signal, onBytes: () => void silence.refresh() });
  } catch (error) {
    await rm(path, { force: true });
    rules.signal.throwIfAborted();
    if (stalled.signal.aborted) throw new ClipRefused(`no data came for ${stallMs / 1000} s`);
    if (signal.aborted) throw new ClipRefused(`the download took longer than ${timeoutMs / 1000} s`);
    throw error;
  } finally {
    clearTimeout(silence);
  }
}

async function save(
  response: IncomingMessage,
  path: string,
  { maxBytes, signal, onBytes }: { maxBytes: number; signal: AbortSignal; onBytes: () => void },
): Promise<Downloaded> {
  const fault = faultOf(response, maxBytes);
  if (fault !== null) {
    response.destroy();
    throw new ClipRefused(fault);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    bodyOf(response),
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
  return { sha256: hash.digest('hex'), bytes };
}

/** The body, once its first bytes are seen to be an MP4's. A broken connection is the server's fault, not ours. */
async function* bodyOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (head === null) yield chunk;
      else if (head.length + chunk.length < FIRST_BOX_BYTES) head = Buffer.concat([head, chunk]);
      else {
        yield requireMp4(Buffer.concat([head, chunk]));
        head = null;
      }
    }
  } catch (error) {
    if (error instanceof ClipRefused) throw error;
    throw new ClipRefused(`the download broke off: ${(error as Error).message}`);
  }
  if (head !== null) requireMp4(head);
}

function requireMp4(head: Buffer): Buffer {
  if (head.length === 0) throw new ClipRefused('the file is empty');
  if (FIRST_BOXES.includes(head.toString('latin1', 4, FIRST_BOX_BYTES))) return head;
  throw new ClipRefused('the file does not begin as an MP4 does');
}

function faultOf({ statusCode = 0, headers }: IncomingMessage, maxBytes: number): string | null {
  if (statusCode < 200 || statusCode > 299) return `the download was answered with status ${statusCode}`;
  const type = headers['content-type'] ?? 'no type';
  if (!type.startsWith('video/')) return `the file is no video but ${type.slice(0, 100)}`;
  return Number(headers['content-length'] ?? 0) > maxBytes ? tooLarge(maxBytes) : null;
}

function tooLarge(maxBytes: number): string {
  return `the file is larger than ${Math.floor(maxBytes / 1024 ** 2)} MB`;
}
