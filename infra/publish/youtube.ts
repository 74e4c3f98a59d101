import { z } from 'zod';
import type { OAuthClient } from './oauth.ts';
import { refreshAccess } from './oauth.ts';
import { errorOf, YouTubeError } from './youtube-error.ts';

const ANSWER_MS = 60_000;
/** A part of 8 MB over a line of 30 kB/s. */
const PART_MS = 300_000;
const GOOGLE_HOST = '.googleapis.com';

/** How far an upload is: the video once it is whole, else the bytes that have arrived. */
export type UploadState = { youtubeId: string } | { offset: number };

export interface UploadRequest {
  /** The video resource: snippet and status. */
  resource: object;
  bytes: number;
}

/** One account at YouTube. Every call throws a YouTubeError, or the signal's reason. */
export interface YouTube {
  /** Begins an upload, which makes no video yet; answers the address of its session. */
  startSession(request: UploadRequest): Promise<string>;
  /** Asks a session how far it is. */
  uploadState(session: string, bytes: number): Promise<UploadState>;
  /** Sends one part, a multiple of 256 kB unless it is the last. */
  sendPart(
    session: string,
    part: Uint8Array<ArrayBuffer>,
    first: number,
    bytes: number,
  ): Promise<UploadState>;
  setThumbnail(youtubeId: string, jpeg: Uint8Array<ArrayBuffer>): Promise<void>;
  /** A YouTubeError `exists` when there are captions of that language. */
  addCaptions(youtubeId: string, language: string, vtt: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Id and name of the account's channel. */
  ownChannel(): Promise<{ id: string; title: string }>;
}

export interface Account {
  client: OAuthClient;
  /** What stands before /youtube/v3 and /upload/youtube/v3. */
  api: string;
  refresh: string;
  /** The first access token, where there is a fresh one. */
  access?: string;
  signal?: AbortSignal;
}

export function openYouTube(account: Account): YouTube {
  const call = createCall(account);
  const { api } = account;
  const upload = `${api}/upload/youtube/v3`;
  return {
    startSession: (request) => startSession(call, upload, request),
    uploadState: async (session, bytes) => {
      const headers = { 'content-range': `bytes */${bytes}` };
      return stateOf(await call(session, { method: 'PUT', headers }), 'asking for the offset');
    },
    sendPart: async (session, part, first, bytes) => {
      const headers = { 'content-range': `bytes ${first}-${first + part.length - 1}/${bytes}` };
      const answer = await call(session, { method: 'PUT', headers, body: part }, PART_MS);
      return stateOf(answer, 'sending a part');
    },
    setThumbnail: async (youtubeId, jpeg) => {
      const headers = { 'content-type': 'image/jpeg' };
      const query = new URLSearchParams({ videoId: youtubeId, uploadType: 'media' });
      const body = jpeg;
      await accepted(
        call(`${upload}/thumbnails/set?${query}`, { method: 'POST', headers, body }),
        'the thumbnail',
      );
    },
    addCaptions: async (youtubeId, language, vtt) => {
      const { body, headers } = related({ snippet: { videoId: youtubeId, language, name: '' } }, vtt);
      const url = `${upload}/captions?uploadType=multipart&part=snippet`;
      await accepted(call(url, { method: 'POST', headers, body }), 'the captions');
    },
    ownChannel: () => ownChannel(call, api),
  };
}

type Call = (url: string, init: RequestInit, withinMs?: number) => Promise<Response>;

/** Sends with the access token; a refused one is refreshed once. */
function createCall({ client, refresh, access, signal }: Account): Call {
  let token = access;
  return async (url, init, withinMs = ANSWER_MS) => {
    token ??= await refreshAccess(client, refresh, signal);
    const first = await send(url, init, token, withinMs, signal);
    if (first.status !== 401) return first;
    await first.body?.cancel();
    token = await refreshAccess(client, refresh, signal);
    return send(url, init, token, withinMs, signal);
  };
}

async function send(
  url: string,
  init: RequestInit,
  token: string,
  withinMs: number,
  signal?: AbortSignal,
): Promise<Response> {
  const timeout = AbortSignal.timeout(withinMs);
  try {
    return await fetch(url, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` },
      // A redirect would take the token elsewhere; 308 is none here, it says how far an upload is.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const what = timeout.aborted ? `did not answer within ${withinMs / 1000} s` : 'could not be reached';
    throw new YouTubeError('unreachable', `YouTube ${what}`, { cause: error });
  }
}

async function startSession(call: Call, upload: string, { resource, bytes }: UploadRequest): Promise<string> {
  const response = await call(`${upload}/videos?uploadType=resumable&part=snippet,status`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'x-upload-content-type': 'video/mp4',
      'x-upload-content-length': String(bytes),
    },
    body: JSON.stringify(resource),
  });
  if (!response.ok) throw await errorOf(response, 'beginning the upload');
  await response.body?.cancel();
  const session = response.headers.get('location') ?? '';
  if (isTrusted(session, upload)) return session;
  throw new YouTubeError('unreachable', 'beginning the upload: YouTube named no session of its own');
}

/** The token is sent along to the session. */
function isTrusted(session: string, upload: string): boolean {
  if (!URL.canParse(session)) return false;
  const { origin, protocol, hostname } = new URL(session);
  return origin === new URL(upload).origin || (protocol === 'https:' && hostname.endsWith(GOOGLE_HOST));
}

const RESUME = 308;
const uploaded = z.object({ id: z.string().min(1) });

async function stateOf(response: Response, what: string): Promise<UploadState> {
  if (response.status === RESUME) {
    await response.body?.cancel();
    const last = /^bytes=0-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1];
    return { offset: last === undefined ? 0 : Number(last) + 1 };
  }
  if (response.status !== 200 && response.status !== 201) throw await errorOf(response, what);
  const parsed = uploaded.safeParse(await json(response, what));
  if (parsed.success) return { youtubeId: parsed.data.id };
  throw new YouTubeError('unreachable', `${what}: YouTube named no video`);
}

/** An answer that breaks off is no answer: the session is asked again. */
async function json(response: Response, what: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new YouTubeError('unreachable', `${what}: the answer broke off`, { cause: error });
  }
}

async function accepted(answer: Promise<Response>, what: string): Promise<void> {
  const response = await answer;
  if (!response.ok) throw await errorOf(response, what);
  await response.body?.cancel();
}

const BOUNDARY = 'ytempire-part';

/** A body of metadata and file, as `multipart/related`. */
function related(
  resource: object,
  file: Uint8Array,
): { body: Buffer<ArrayBuffer>; headers: Record<string, string> } {
  const part = (type: string) => `--${BOUNDARY}\r\ncontent-type: ${type}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${part('application/json; charset=UTF-8')}${JSON.stringify(resource)}\r\n`),
    Buffer.from(part('application/octet-stream')),
    file,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
  return { body, headers: { 'content-type': `multipart/related; boundary=${BOUNDARY}` } };
}

const channels = z.object({
  items: z.array(z.object({ id: z.string(), snippet: z.object({ title: z.string() }) })).min(1),
});

async function ownChannel(call: Call, api: string): Promise<{ id: string; title: string }> {
  const what = 'asking for the channel';
  const response = await call(`${api}/youtube/v3/channels?part=snippet&mine=true`, { method: 'GET' });
  if (!response.ok) throw await errorOf(response, what);
  const [channel] = channels.safeParse(await json(response, what)).data?.items ?? [];
  if (!channel) throw new YouTubeError('provider_account', 'this account has no channel at YouTube');
  return { id: channel.id, title: channel.snippet.title };
}
