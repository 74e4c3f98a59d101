import { setTimeout as wait } from 'node:timers/promises';
import { endsStream, type PipelineEvent } from '../../domain/events.ts';
import { isFinal } from '../../domain/video.ts';
import { readVideo, type VideoView } from '../../infra/views/video-view.ts';
import type { ApiDeps } from '../app.ts';
import { linksOf } from '../links.ts';
import { type LivenessWatch, watchLiveness } from './liveness.ts';
import type { Feed, StreamMessage } from './message.ts';
import { RECHECK_MS } from './run-stream.ts';

/** The row is final a moment before its last event is in the stream. */
const LAST_EVENT_GRACE_MS = 1_000;
const FROM_START = '0';

interface Story {
  deps: ApiDeps;
  id: string;
  tell: (message: StreamMessage) => Promise<void>;
  signal: AbortSignal;
  /** Id of the newest event told. */
  lastId: string;
  /** The newest snapshot told. */
  shown: string;
  liveness: LivenessWatch;
}

/**
 * One video: its row, past events after `lastId` (null = all), then live ones. The row is read again every 15 s and
 * told when it has changed, sooner while Redis is away. It ends after the video's last event, or from the row when Redis has lost that.
 */
export function videoFeed(deps: ApiDeps, view: VideoView, lastId: string | null): Feed {
  return (tell, signal) => {
    const liveness = watchLiveness(deps, tell);
    const story = {
      deps,
      id: view.video_id,
      tell,
      signal,
      lastId: lastId ?? FROM_START,
      shown: '',
      liveness,
    };
    return tellStory(story, view);
  };
}

async function tellStory(story: Story, view: VideoView): Promise<void> {
  await tellRow(story, view);
  await story.liveness.check();
  const past = await story.deps.events.past(story.id, story.lastId);
  const began = past.findLastIndex((event) => event.type === 'video.queued');
  for (const [index, event] of past.entries()) {
    await tellEvent(story, event);
    if (endsStream(event.type) && index > began && (await hasEnded(story))) return;
  }
  if (endedBefore(view, Date.now() - graceMs(story))) return;
  const stop = new AbortController();
  const live = { ...story, signal: AbortSignal.any([story.signal, stop.signal]) };
  try {
    await Promise.race([followEvents(live), watchRow(live, view)]);
  } finally {
    stop.abort();
  }
}

async function followEvents(story: Story): Promise<void> {
  for await (const event of story.deps.events.follow(story.id, story.lastId, story.signal)) {
    await tellEvent(story, event);
    if (endsStream(event.type) && (await hasEnded(story))) return;
  }
}

/** A retried video has a last event behind it that is not its last any more: the row knows. */
async function hasEnded({ deps, id }: Story): Promise<boolean> {
  const view = await readVideo(deps, id);
  return view === null || isFinal(view.status);
}

/** Tells what changed without an event, and finds the end that no event told. */
async function watchRow(story: Story, first: VideoView): Promise<void> {
  let view: VideoView | null = first;
  while (view && !isFinal(view.status)) {
    await story.liveness.untilNextLook(story.signal);
    if (story.signal.aborted) return;
    await story.liveness.check();
    view = await readVideo(story.deps, story.id).catch(() => view);
    if (view && !isFinal(view.status)) await tellRow(story, view);
  }
  await pause(graceMs(story), story.signal);
  if (view && !story.signal.aborted) await tellRow(story, view);
}

/** Tells the row unless the client has just this already; the expected end moves with the clock, which is no news. */
async function tellRow(story: Story, view: VideoView): Promise<void> {
  const news = JSON.stringify({ ...view, eta: null });
  if (news === story.shown) return;
  story.shown = news;
  await story.tell({ type: 'snapshot', ...view, links: linksOf(story.deps.config, story.id) });
}

async function tellEvent(story: Story, event: PipelineEvent): Promise<void> {
  story.lastId = event.id;
  await story.tell(event);
}

function recheckMs({ deps }: Story): number {
  return deps.recheckMs ?? RECHECK_MS;
}

function graceMs(story: Story): number {
  return Math.min(LAST_EVENT_GRACE_MS, recheckMs(story));
}

function endedBefore(view: VideoView, time: number): boolean {
  return isFinal(view.status) && (view.completed_at === null || Date.parse(view.completed_at) < time);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
