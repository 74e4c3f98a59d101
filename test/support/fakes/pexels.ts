import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClipKind, clipShelf } from './pexels-clips.ts';

export type PexelsRoute = 'search' | 'file';

/** What a request is answered with instead of the truth. `hang` never answers, `reset` breaks the connection. */
export type ScriptedReply =
  | 'hang'
  | 'reset'
  | { status: number; headers?: Record<string, string>; body?: string | Buffer };

/** A video as the fake offers it: one file of each size, all with the bytes of `clip`. */
export interface OfferedVideo {
  clip: ClipKind;
  id?: number;
  /** Whole seconds, as the search says; what the file says counts. */
  duration?: number;
  sizes?: [width: number, height: number][];
  /** Address of the files, instead of the fake's own. */
  link?: string;
}

export interface FakePexels {
  /** Base URL: put it into PEXELS_BASE_URL. */
  url: string;
  /** The key that it takes. */
  key: string;
  /** Requests so far. */
  calls: Record<PexelsRoute, number>;
  /** Path and query of each request, in order. */
  paths: string[];
  /** Files under way at once, at most. */
  peak: number;
  /** The answer of a search word from now on; every other word finds five good videos. */
  offer(term: string, videos: readonly OfferedVideo[]): void;
  /** The next requests of a route are answered like this, one each. */
  script(route: PexelsRoute, ...replies: ScriptedReply[]): void;
  close(): Promise<void>;
}

const KEY = 'pexels-test-key';
const USUAL: OfferedVideo[] = ['landscape', 'waves', 'fps60', 'landscape', 'waves'].map((clip) => ({
  clip: clip as ClipKind,
}));

/** Starts a server that speaks Pexels' video search and delivers small real files. */
export async function startFakePexels(): Promise<FakePexels> {
  const shelf = await clipShelf();
  const offers = new Map<string, readonly OfferedVideo[]>();
  const scripted: Record<PexelsRoute, ScriptedReply[]> = { search: [], file: [] };
  const told = { calls: { search: 0, file: 0 }, paths: [] as string[], peak: 0 };
  const idOf = numbering();
  let downloads = 0;

  const server = createServer(async (request, response) => {
    const base = urlOf(server);
    const url = new URL(request.url ?? '/', base);
    const route: PexelsRoute = url.pathname === '/videos/search' ? 'search' : 'file';
    told.calls[route] += 1;
    told.paths.push(`${url.pathname}${url.search}`);
    if (route === 'file') {
      downloads += 1;
      told.peak = Math.max(told.peak, downloads);
      response.on('close', () => {
        downloads -= 1;
      });
    }
    const reply = scripted[route].shift();
    if (reply) answerScripted(response, reply);
    else if (route === 'file') {
      send(response, 200, 'video/mp4', await shelf.clip(url.pathname.split('/')[2] as ClipKind));
    } else if (request.headers.authorization !== KEY) {
      send(response, 401, 'application/json', JSON.stringify({ error: 'Unauthorized' }));
    } else {
      const term = url.searchParams.get('query') ?? '';
      const videos = (offers.get(term) ?? USUAL).map((video, i) =>
        asVideo({ id: idOf(`${term}/${i}`), ...video }, base),
      );
      answerSearch(response, url, videos);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return Object.assign(told, {
    url: urlOf(server),
    key: KEY,
    offer: (term: string, videos: readonly OfferedVideo[]) => void offers.set(term, videos),
    script: (route: PexelsRoute, ...replies: ScriptedReply[]) => void scripted[route].push(...replies),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await shelf.remove();
    },
  });
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The same number for the same name, so that a word always finds the same videos. */
function numbering(): (name: string) => number {
  const ids = new Map<string, number>();
  return (name) => {
    const id = ids.get(name) ?? 1000 + ids.size;
    ids.set(name, id);
    return id;
  };
}

function answerSearch(response: ServerResponse, url: URL, found: readonly unknown[]): void {
  const perPage = Math.min(80, Number(url.searchParams.get('per_page') ?? 15));
  const page = Number(url.searchParams.get('page') ?? 1);
  const videos = found.slice((page - 1) * perPage, page * perPage);
  const body = { page, per_page: perPage, total_results: found.length, url: url.href, videos };
  response.setHeader('x-ratelimit-limit', '20000');
  response.setHeader('x-ratelimit-remaining', '19999');
  response.setHeader('x-ratelimit-reset', String(Math.floor(Date.now() / 1000) + 86_400));
  send(response, 200, 'application/json', JSON.stringify(body));
}

function asVideo(
  { id, clip, sizes = [[960, 540]], duration = 4, link }: OfferedVideo & { id: number },
  base: string,
) {
  const [[width, height] = [960, 540]] = sizes;
  return {
    ...{ id, width, height, duration, full_res: null, tags: [], avg_color: null },
    url: `https://www.pexels.com/video/${id}/`,
    image: `${base}/images/${id}.jpg`,
    user: { id: 1, name: `Author ${id}`, url: 'https://www.pexels.com/@author' },
    video_files: sizes.map(([w, h], n) => ({
      ...{ id: id * 100 + n, quality: h >= 720 ? 'hd' : 'sd', file_type: 'video/mp4' },
      ...{ width: w, height: h, fps: 30, link: link ?? `${base}/files/${clip}/${id}-${w}.mp4` },
    })),
    video_pictures: [],
  };
}

function answerScripted(response: ServerResponse, reply: ScriptedReply): void {
  if (reply === 'hang') return;
  if (reply === 'reset') {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const type = String(response.getHeader('content-type') ?? 'application/json');
  send(response, reply.status, type, reply.body ?? '');
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
