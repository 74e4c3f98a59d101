import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import type { StreamMessage } from '../../api/streams/message.ts';
import { parseMessages } from '../../cli/client/server-sent-events.ts';
import type { NewEvent } from '../../domain/events.ts';
import type { EventStream } from '../../infra/events/event-stream.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { anOrder, type TestDeps } from './test-deps.ts';

export const TRANSPORTS = ['Server-Sent Events', 'WebSocket'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** What a client gets of a stream, until it leaves or the stream ends. */
export interface Following {
  messages: AsyncGenerator<StreamMessage>;
  leave(): void;
}

/** Follows a stream of the API at `url`; resolves once it is open. */
export async function followStream(url: string, path: string, transport: TransportName): Promise<Following> {
  if (transport === 'WebSocket') {
    const client = openSocket(url, path);
    await once(client.socket, 'open');
    return { messages: client.messages, leave: () => client.socket.terminate() };
  }
  const leave = new AbortController();
  const answer = await fetch(`${url}${path}`, { signal: leave.signal });
  if (answer.status !== 200) throw new Error(await answer.text());
  return { messages: messagesOf(answer), leave: () => leave.abort() };
}

/** Holds the answer itself: fetch cancels the body of one that nobody has any more. */
async function* messagesOf(answer: Response): AsyncGenerator<StreamMessage> {
  for await (const { data } of parseMessages(answer.body as AsyncIterable<Buffer>)) yield JSON.parse(data);
}

/** A WebSocket that keeps what comes; `closed` resolves with the close code. */
export function openSocket(url: string, path: string, options: ClientOptions = {}) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, options);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const waiting: StreamMessage[] = [];
  socket.on('message', (data) => waiting.push(JSON.parse(String(data))));
  socket.on('error', () => undefined);
  async function* messages(): AsyncGenerator<StreamMessage> {
    while (waiting.length > 0 || socket.readyState !== WebSocket.CLOSED) {
      const message = waiting.shift();
      if (message) yield message;
      else await Promise.race([once(socket, 'message'), closed]);
    }
  }
  return { socket, closed, messages: messages() };
}

/** The refusal of an upgrade. */
export async function refusalOf(url: string, path: string, headers: Record<string, string> = {}) {
  const { socket } = openSocket(url, path, { headers });
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of answer) body += chunk;
  return { status: answer.statusCode, type: answer.headers['content-type'], body: JSON.parse(body), answer };
}

/** An API on a free port over the given stores. */
export function serveStreams(
  deps: TestDeps,
  options: Parameters<typeof serveApi>[1] = {},
  access: Partial<TestDeps['config']['access']> = {},
): Promise<RunningApi> {
  const api = { host: '127.0.0.1', port: 0 };
  return serveApi(
    { ...deps, config: { ...deps.config, api, access: { ...deps.config.access, ...access } } },
    options,
  );
}

export async function newVideo(deps: TestDeps): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

export function progressOf(videoId: string, percent: number, note = ''): NewEvent {
  return { type: 'stage.progress', video_id: videoId, stage: 'video_rendering', percent, progress: 50, note };
}

export function completionOf(videoId: string): NewEvent {
  return { type: 'video.completed', video_id: videoId, cost: 0.1, title: 't', duration_ms: 1 };
}

/** Open streams, as `/health` counts them. */
export async function watchersOf({ url }: RunningApi): Promise<number> {
  return ((await (await fetch(`${url}/health`)).json()) as { watchers: number }).watchers;
}

/** Counts the live readings of a real event stream. */
export function watchFollowers(events: EventStream) {
  let open = 0;
  const follow: EventStream['follow'] = async function* (...request) {
    open += 1;
    try {
      yield* events.follow(...request);
    } finally {
      open -= 1;
    }
  };
  return { events: { ...events, follow }, open: () => open };
}
