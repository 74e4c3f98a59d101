import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerConsent, answerToken, type Grant } from './youtube-accounts.ts';

/** A call as the fake sees it, in order. */
export type YouTubeRoute =
  | 'token'
  | 'insert'
  | 'part'
  | 'offset'
  | 'thumbnail'
  | 'captions'
  | 'channels'
  | 'revoke';

/**
 * What a call gets instead of the usual. `cut` breaks the connection in the middle of a part, which keeps what has
 * arrived; `lost` does the work and breaks the connection instead of answering.
 */
export type YouTubeReply = 'cut' | 'lost' | 'hang' | { status: number; reason?: string; message?: string };

export interface FakeVideo {
  id: string;
  bytes: Buffer;
  resource: { snippet: Record<string, unknown>; status: Record<string, unknown> };
  thumbnails: Buffer[];
  captions: { language: string; text: string }[];
}

export interface FakeYouTube {
  url: string;
  videos: FakeVideo[];
  calls: Record<YouTubeRoute, number>;
  /** Authorization headers that were shown, each once. */
  tokens: Set<string>;
  /** The next calls of a route get these, one each; null is the usual. */
  script(route: YouTubeRoute, ...replies: (YouTubeReply | null)[]): void;
  /** From now on every call gets the usual. */
  forgetScripts(): void;
  grant: Grant;
  close(): Promise<void>;
}

interface Session {
  total: number;
  held: Buffer;
  resource: FakeVideo['resource'];
  video: FakeVideo | null;
}

const GRANULE = 256 * 1024;

/** Starts a server that speaks YouTube's OAuth, resumable uploads, thumbnails and captions. */
export async function startFakeYouTube(): Promise<FakeYouTube> {
  const sessions = new Map<string, Session>();
  const scripted = new Map<YouTubeRoute, (YouTubeReply | null)[]>();
  const calls = {
    token: 0,
    insert: 0,
    part: 0,
    offset: 0,
    thumbnail: 0,
    captions: 0,
    channels: 0,
    revoke: 0,
  };
  const grant: Grant = { refresh: [], access: new Set(), code: null, challenge: null, redirect: null };
  const told = { calls, videos: [] as FakeVideo[], tokens: new Set<string>(), grant };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', urlOf(server));
    // A request whose body was not read to its end loses its socket.
    const { socket } = request;
    if (url.pathname === '/o/oauth2/v2/auth') return answerConsent(grant, url, response);
    const route = routeOf(request, url);
    calls[route] += 1;
    const reply = scripted.get(route)?.shift() ?? null;
    if (reply === 'hang') return;
    if (typeof reply === 'object' && reply !== null) return fail(request, response, reply);
    const body = await receive(request, reply === 'cut').catch(() => null);
    if (body === null) return;
    if (route === 'token' || route === 'revoke') return answerToken(grant, route, body.toString(), response);
    const authorization = request.headers.authorization ?? '';
    told.tokens.add(authorization);
    if (!grant.access.has(authorization.replace('Bearer ', ''))) {
      return send(response, 401, { error: { code: 401, errors: [{ reason: 'authError' }] } });
    }
    const answer = act(route, url, request, body);
    if (reply !== null) return void socket.destroy();
    send(response, answer.status, answer.body, answer.headers);
  });

  function act(route: YouTubeRoute, url: URL, request: IncomingMessage, body: Buffer): Answer {
    if (route === 'channels') {
      return { status: 200, body: { items: [{ id: 'UCfake', snippet: { title: 'A fake channel' } }] } };
    }
    if (route === 'insert') return begin(request, body);
    if (route === 'part' || route === 'offset')
      return upload(url.searchParams.get('upload_id') ?? '', request, body);
    const video = told.videos.find(({ id }) => id === (url.searchParams.get('videoId') ?? idIn(body)));
    if (!video) return refusal(404, 'videoNotFound');
    return route === 'thumbnail' ? thumbnail(video, body) : captions(video, body);
  }

  function begin(request: IncomingMessage, body: Buffer): Answer {
    const id = `session-${sessions.size + 1}-${'x'.repeat(40)}`;
    const total = Number(request.headers['x-upload-content-length']);
    sessions.set(id, { total, held: Buffer.alloc(0), resource: JSON.parse(body.toString()), video: null });
    const location = `${urlOf(server)}/upload/youtube/v3/videos?uploadType=resumable&upload_id=${id}`;
    return { status: 200, headers: { location } };
  }

  function upload(id: string, request: IncomingMessage, body: Buffer): Answer {
    const session = sessions.get(id);
    if (!session) return refusal(404, 'notFound');
    const first = /^bytes (\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
    if (first !== undefined && !session.video) take(session, Number(first), body);
    if (session.held.length < session.total) {
      const { length } = session.held;
      return { status: 308, headers: length > 0 ? { range: `bytes=0-${length - 1}` } : {} };
    }
    session.video ??= makeVideo(session);
    return { status: 200, body: { id: session.video.id, kind: 'youtube#video' } };
  }

  function makeVideo({ held: bytes, resource }: Session): FakeVideo {
    const video = { id: `video${told.videos.length + 1}`, bytes, resource, thumbnails: [], captions: [] };
    told.videos.push(video);
    return video;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(told, {
    url: urlOf(server),
    script: (route: YouTubeRoute, ...replies: (YouTubeReply | null)[]) =>
      void scripted.set(route, [...(scripted.get(route) ?? []), ...replies]),
    forgetScripts: () => scripted.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function routeOf({ method, headers }: IncomingMessage, { pathname }: URL): YouTubeRoute {
  if (pathname === '/token' || pathname === '/revoke') return pathname.slice(1) as YouTubeRoute;
  if (pathname.endsWith('/thumbnails/set')) return 'thumbnail';
  if (pathname.endsWith('/captions')) return 'captions';
  if (pathname.endsWith('/channels')) return 'channels';
  if (method === 'POST') return 'insert';
  return headers['content-range']?.startsWith('bytes */') ? 'offset' : 'part';
}

/** Only whole granules are kept of what breaks off, and never a part that does not follow on what there is. */
function take(session: Session, first: number, body: Buffer): void {
  if (first !== session.held.length) return;
  const whole = first + body.length === session.total || body.length % GRANULE === 0;
  const kept = whole ? body : body.subarray(0, body.length - (body.length % GRANULE));
  session.held = Buffer.concat([session.held, kept]);
}

function thumbnail(video: FakeVideo, body: Buffer): Answer {
  video.thumbnails.push(body);
  return { status: 200, body: {} };
}

function captions(video: FakeVideo, body: Buffer): Answer {
  const language = /"language":"([^"]*)"/.exec(body.toString())?.[1] ?? '';
  if (video.captions.some((there) => there.language === language)) return refusal(409, 'captionExists');
  video.captions.push({ language, text: body.toString() });
  return { status: 200, body: {} };
}

function idIn(body: Buffer): string {
  return /"videoId":"([^"]*)"/.exec(body.toString())?.[1] ?? '';
}

function refusal(code: number, reason: string, message = reason): Answer {
  return { status: code, body: { error: { code, message, errors: [{ reason }] } } };
}

function fail(
  request: IncomingMessage,
  response: ServerResponse,
  { status, reason = 'backendError', message = reason }: Exclude<YouTubeReply, string>,
): void {
  request.resume();
  request.once('end', () => send(response, status, refusal(status, reason, message).body));
}

/** The body; one that is to be cut breaks its connection when half of it has come. */
async function receive(request: IncomingMessage, cut: boolean): Promise<Buffer> {
  const half = Number(request.headers['content-length']) / 2;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (cut && bytes >= half) break;
  }
  return Buffer.concat(chunks);
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
