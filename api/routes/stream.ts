import { setTimeout as wait } from 'node:timers/promises';
import type { Context, Handler } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { endsStream, type PipelineEvent } from '../../domain/events.ts';
import { isFinal } from '../../domain/video.ts';
import { readVideo, type VideoView } from '../../infra/video-view.ts';
import { callerOf } from '../access/caller.ts';
import type { StreamPlaces } from '../access/stream-places.ts';
import type { ApiDeps } from '../app.ts';
import { type Links, linksOf } from '../links.ts';
import { noSuchVideo, videoIdOf } from '../video-id.ts';

const RECHECK_MS = 15_000;
/** The row is final a moment before its last event is in the stream. */
const LAST_EVENT_GRACE_MS = 1_000;
const EVENT_ID = /^\d{1,20}-\d{1,20}$/;
const FROM_START = '0';

/**
 * GET /pipeline/stream/{id} as Server-Sent Events: `snapshot` (the row as in the status answer), past events
 * after Last-Event-ID, then live ones. The row is read again every 15 s: a change is another `snapshot`, an
 * unchanged row a comment. It ends after the video's last event, or from the row when Redis has lost that.
 */
export function streamRoute(deps: ApiDeps, places: StreamPlaces): Handler {
  return async (context) => {
    const id = videoIdOf(context);
    const view = await readVideo(deps, id);
    if (!view) throw noSuchVideo();
    const given = context.req.header('last-event-id') ?? '';
    const lastId = EVENT_ID.test(given) ? given : FROM_START;
    const links = linksOf(deps.config, id);
    return openStream(deps, places, context, (out, signal) =>
      serve({ deps, id, out, signal, lastId, shown: '', links }, view),
    );
  };
}

/**
 * GET /pipeline/stream: what happens to all videos from now on, or from Last-Event-ID on while Redis still has it
 * (about 10,000 events). It ends only with its client, or with the API.
 */
export function pipelineStreamRoute(deps: ApiDeps, places: StreamPlaces): Handler {
  return (context) => {
    const given = context.req.header('last-event-id') ?? '';
    return openStream(deps, places, context, async (out, signal) => {
      const alive = setInterval(() => void out.write(': alive\n\n'), deps.recheckMs ?? RECHECK_MS);
      await out.write(': open\n\n');
      try {
        const afterId = EVENT_ID.test(given) ? given : `${Date.now()}-0`;
        for await (const event of deps.events.follow(null, afterId, signal)) await writeEvent(out, event);
      } finally {
        clearInterval(alive);
      }
    });
  };
}

/** Takes a place for a stream and holds it until the client or the API ends it. */
function openStream(
  deps: ApiDeps,
  places: StreamPlaces,
  context: Context,
  feed: (out: SSEStreamingApi, signal: AbortSignal) => Promise<void>,
): Response {
  // Nobody would read that body, so nothing would ever end it.
  if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
  const release = places.take(callerOf(context));
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (out) => {
    const gone = new AbortController();
    out.onAbort(() => gone.abort());
    const signal = AbortSignal.any([gone.signal, ...(deps.closing ? [deps.closing] : [])]);
    try {
      await feed(out, signal);
    } catch (error) {
      if (!signal.aborted) deps.log.error({ err: error, path: context.req.path }, 'stream failed');
    } finally {
      release();
      gone.abort();
    }
  });
}

interface Feed {
  deps: ApiDeps;
  id: string;
  out: SSEStreamingApi;
  signal: AbortSignal;
  links: Links;
  /** Id of the newest event sent. */
  lastId: string;
  /** The newest snapshot sent. */
  shown: string;
}

async function serve(feed: Feed, view: VideoView): Promise<void> {
  await sendSnapshot(feed, view);
  const past = await feed.deps.events.past(feed.id, feed.lastId);
  const began = past.findLastIndex((event) => event.type === 'video.queued');
  for (const [index, event] of past.entries()) {
    await sendEvent(feed, event);
    if (endsStream(event.type) && index > began && (await hasEnded(feed))) return;
  }
  if (endedBefore(view, Date.now() - graceMs(feed))) return;
  const stop = new AbortController();
  const live = { ...feed, signal: AbortSignal.any([feed.signal, stop.signal]) };
  try {
    await Promise.race([followEvents(live), watchRow(live, view)]);
  } finally {
    stop.abort();
  }
}

async function followEvents(feed: Feed): Promise<void> {
  for await (const event of feed.deps.events.follow(feed.id, feed.lastId, feed.signal)) {
    await sendEvent(feed, event);
    if (endsStream(event.type) && (await hasEnded(feed))) return;
  }
}

/** A retried video has a last event behind it that is not its last any more: the row knows. */
async function hasEnded({ deps, id }: Feed): Promise<boolean> {
  const view = await readVideo(deps, id);
  return view === null || isFinal(view.status);
}

/** Says that the stream lives, and finds the end that no event told. */
async function watchRow(feed: Feed, first: VideoView): Promise<void> {
  let view: VideoView | null = first;
  while (view && !isFinal(view.status)) {
    await pause(recheckMs(feed), feed.signal);
    if (feed.signal.aborted) return;
    view = await readVideo(feed.deps, feed.id).catch(() => view);
    if (view && !isFinal(view.status) && !(await sendSnapshot(feed, view)))
      await feed.out.write(': alive\n\n');
  }
  await pause(graceMs(feed), feed.signal);
  if (view && !feed.signal.aborted) await sendSnapshot(feed, view);
}

/** True when it was sent, false when the client has just this already. */
async function sendSnapshot(feed: Feed, view: VideoView): Promise<boolean> {
  const data = JSON.stringify({ ...view, links: feed.links });
  // The expected end moves with the clock; that alone is no news.
  const news = JSON.stringify({ ...view, eta: null });
  if (news === feed.shown) return false;
  feed.shown = news;
  await feed.out.writeSSE({ event: 'snapshot', data });
  return true;
}

async function sendEvent(feed: Feed, event: PipelineEvent): Promise<void> {
  feed.lastId = event.id;
  await writeEvent(feed.out, event);
}

async function writeEvent(out: SSEStreamingApi, event: PipelineEvent): Promise<void> {
  await out.writeSSE({ id: event.id, event: event.type, data: JSON.stringify(event) });
}

function recheckMs(feed: Feed): number {
  return feed.deps.recheckMs ?? RECHECK_MS;
}

function graceMs(feed: Feed): number {
  return Math.min(LAST_EVENT_GRACE_MS, recheckMs(feed));
}

function endedBefore(view: VideoView, time: number): boolean {
  return isFinal(view.status) && (view.completed_at === null || Date.parse(view.completed_at) < time);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
