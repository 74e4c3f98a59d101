import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type StatisticsRoute = 'channels' | 'videos';

/** What a call gets instead of the usual: a refusal as YouTube words it, or any text. */
export type StatisticsReply = { status: number; reason: string } | { text: string } | { items: unknown };

export interface FakeStatistics {
  url: string;
  key: string;
  /** By id: the resource as the answer holds it, without kind and id. */
  channels: Map<string, object>;
  videos: Map<string, object>;
  /** The ids of each call, in order; those of refused ones too. */
  calls: { route: StatisticsRoute; ids: string[] }[];
  /** The next calls get these, one each; null is the usual. */
  script(...replies: (StatisticsReply | null)[]): void;
  close(): Promise<void>;
}

const MAX_IDS = 50;

/** Starts a server that answers `channels.list` and `videos.list` for an API key as the YouTube Data API does. */
export async function startFakeStatistics(): Promise<FakeStatistics> {
  const scripted: (StatisticsReply | null)[] = [];
  const fake = {
    key: 'AIza-key-of-the-fake',
    channels: new Map<string, object>(),
    videos: new Map<string, object>(),
    calls: [] as FakeStatistics['calls'],
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const route = url.pathname.split('/').at(-1) as StatisticsRoute;
    const ids = (url.searchParams.get('id') ?? '').split(',').filter((id) => id !== '');
    fake.calls.push({ route, ids });
    const reply = scripted.shift() ?? null;
    if (reply && 'status' in reply) return refuse(response, reply.status, reply.reason);
    if (reply && 'text' in reply) return void response.end(reply.text);
    if (reply) return send(response, 200, { kind: `youtube#${route}ListResponse`, items: reply.items });
    const key = url.searchParams.get('key');
    if (key === null) return refuse(response, 403, 'forbidden');
    if (key !== fake.key) return refuseKey(response);
    if (ids.length === 0 || ids.length > MAX_IDS) return refuse(response, 400, 'invalidParameter');
    send(response, 200, listOf(route, ids, fake[route], url.searchParams.get('part') ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script: (...replies: (StatisticsReply | null)[]) => void scripted.push(...replies),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** A list without a single known id has no `items` at all. */
function listOf(route: StatisticsRoute, ids: string[], known: Map<string, object>, part: string): object {
  const parts = new Set(part.split(','));
  const items = ids.flatMap((id) => {
    const resource = known.get(id);
    if (!resource) return [];
    const shown = Object.entries(resource).filter(([name]) => parts.has(name));
    return [{ kind: `youtube#${route.slice(0, -1)}`, etag: 'e', id, ...Object.fromEntries(shown) }];
  });
  return {
    kind: `youtube#${route.slice(0, -1)}ListResponse`,
    etag: 'e',
    pageInfo: { totalResults: items.length, resultsPerPage: items.length },
    ...(items.length > 0 && { items }),
  };
}

function refuse(response: ServerResponse, code: number, reason: string): void {
  const message = `the fake says ${reason}`;
  const errors = [{ message, domain: 'youtube.quota', reason }];
  send(response, code, { error: { code, message, errors } });
}

/** As Google words it since keys are checked before the service. */
function refuseKey(response: ServerResponse): void {
  const message = 'API key not valid. Please pass a valid API key.';
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };
  const errors = [{ message, domain: 'global', reason: 'badRequest' }];
  send(response, 400, {
    error: { code: 400, message, errors, status: 'INVALID_ARGUMENT', details: [info] },
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}
