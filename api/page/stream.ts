import { type Signal, signal } from '@preact/signals';
import type { EventType, PipelineEvent } from '../../domain/events.ts';
import type { VideoStatus } from '../../domain/video.ts';
import { ApiError, refusalOf, signIns } from './api.ts';
import { readFrames } from './stream-frames.ts';

/** The row of a video as the stream of that video tells it: what GET /pipeline/status/{id} answers. */
export interface Snapshot {
  type: 'snapshot';
  video_id: string;
  status: VideoStatus;
}
type Message = PipelineEvent | Snapshot | { type: 'live'; live: boolean };

/**
 * How far the page can trust what it shows. `connecting` before the first connection; `live` while events come as
 * they happen; `late` while the API is there but has no events (Redis is away); `lost` while the API is not reached;
 * `refused` when it answers but not to us, or has too many streams. `since` (epoch ms) is when it was live last.
 */
export type StreamState =
  | { kind: 'connecting' | 'live' | 'ended' }
  | { kind: 'late' | 'lost' | 'refused'; since: number };

interface Handlers {
  onEvent(event: PipelineEvent): void;
  /** The stream of one video only. */
  onSnapshot?(snapshot: Snapshot): void;
  /** After every connection, and when events come again: what happened between may be missing, so read it all. */
  onCurrent(): void;
}

export interface Stream {
  state: Signal<StreamState>;
  close(): void;
}

interface Times {
  /** A stream that shows no sign of life for longer is taken for dead; the API shows one every 15 s. */
  silentMs?: number;
  firstRetryMs?: number;
  longestRetryMs?: number;
}

/** The other kinds of message are events. */
const NO_EVENT: ReadonlySet<string> = new Set(['snapshot', 'live']);

export function isEvent<T extends EventType>(
  event: PipelineEvent,
  type: T,
): event is Extract<PipelineEvent, { type: T }> {
  return event.type === type;
}

/**
 * Follows `/pipeline/stream` or `/pipeline/stream/{id}`, and comes back with Last-Event-ID however it ends, until the
 * video has ended or it is closed. By fetch and not by EventSource, which hides both the status of a refusal and the
 * comments that show that a silent stream lives.
 */
export function openStream(path: string, handlers: Handlers, times: Times = {}): Stream {
  const state = signal<StreamState>({ kind: 'connecting' });
  const over = new AbortController();
  void followForEver(path, handlers, times, state, over.signal);
  return { state, close: () => over.abort() };
}

async function followForEver(
  path: string,
  handlers: Handlers,
  { silentMs = 40_000, firstRetryMs = 500, longestRetryMs = 10_000 }: Times,
  state: Signal<StreamState>,
  over: AbortSignal,
): Promise<void> {
  let lastId = '';
  let retryMs = firstRetryMs;
  const take = (message: Message) => {
    retryMs = firstRetryMs;
    if ('id' in message) lastId = message.id;
    handle(message, handlers, state);
  };
  while (!over.aborted) {
    try {
      const told = await followOnce(path, lastId, silentMs, over, take, () => begin(handlers, state));
      if (told) {
        state.value = { kind: 'ended' };
        return;
      }
      fall(state, 'lost');
    } catch (error) {
      if (over.aborted) return;
      fall(state, error instanceof ApiError ? 'refused' : 'lost');
    }
    await sleep(retryMs, over);
    retryMs = Math.min(longestRetryMs, retryMs * 2);
  }
}

function begin(handlers: Handlers, state: Signal<StreamState>): void {
  state.value = { kind: 'live' };
  handlers.onCurrent();
}

/** Keeps the time at which it was live last. */
function fall(state: Signal<StreamState>, kind: 'late' | 'lost' | 'refused'): void {
  const before = state.peek();
  state.value = { kind, since: 'since' in before ? before.since : Date.now() };
}

function handle(message: Message, handlers: Handlers, state: Signal<StreamState>): void {
  if (message.type === 'live') {
    if (message.live) begin(handlers, state);
    else fall(state, 'late');
    return;
  }
  if (message.type === 'snapshot') handlers.onSnapshot?.(message);
  else handlers.onEvent(message);
}

/** One connection, until it ends: true when the video's story is told. Throws when it breaks or falls silent. */
async function followOnce(
  path: string,
  lastId: string,
  silentMs: number,
  over: AbortSignal,
  take: (message: Message) => void,
  opened: () => void,
): Promise<boolean> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), silentMs);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), silentMs);
  };
  let last: Message | null = null;
  try {
    const asked = signIns.peek();
    const answer = await fetch(path, {
      headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
      signal: AbortSignal.any([over, silent.signal]),
    });
    if (!answer.ok || !answer.body) throw await refusalOf(answer, asked);
    opened();
    for await (const data of readFrames(answer.body, alive)) {
      last = JSON.parse(data) as Message;
      take(last);
    }
  } finally {
    clearTimeout(timer);
  }
  return !path.endsWith('/pipeline/stream') && last !== null && tellsEnd(last);
}

function tellsEnd(message: Message): boolean {
  if (message.type === 'snapshot') return ['completed', 'failed', 'cancelled'].includes(message.status);
  return !NO_EVENT.has(message.type) && /^video\.(completed|failed|cancelled)$/.test(message.type);
}

function sleep(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Pages that lost the same API do not come back all at once.
    const timer = setTimeout(resolve, ms * (0.5 + Math.random() / 2));
    over.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
