import { endsStream, type PipelineEvent } from '../../domain/events.ts';
import { isFinal } from '../../domain/video.ts';
import type { StatusAnswer } from './api-client.ts';
import { followStream, type StreamItem, type StreamSource } from './stream.ts';

/** What the stream tells: the row, or one event. */
export type FeedItem = { kind: 'snapshot'; view: StatusAnswer } | { kind: 'event'; event: PipelineEvent };

export interface FeedSource extends StreamSource {
  videoId: string;
  /** Events before this time are of an earlier try of the video, and not told. */
  fromMs: number;
}

/** Everything that happens to the video until its end. Throws a CliError when the API stays away (exit code 3). */
export async function* watchVideo(source: FeedSource): AsyncGenerator<FeedItem> {
  let ended = false;
  const items = followStream(source, {
    path: `/pipeline/stream/${source.videoId}`,
    what: `video ${source.videoId}`,
    // The row decides: the API closes the stream of a video that has its end, and of no other.
    isEnded: () => ended,
  });
  for await (const message of items) {
    const item = itemOf(message);
    ended = endedAfter(ended, item);
    if (item.kind === 'snapshot' || Date.parse(item.event.at) >= source.fromMs) yield item;
  }
}

/** An end in the past of a video that was retried since is none. */
function endedAfter(ended: boolean, item: FeedItem): boolean {
  if (item.kind === 'snapshot') return isFinal(item.view.status);
  return endsStream(item.event.type) || (ended && item.event.type !== 'video.queued');
}

function itemOf({ event, value }: StreamItem): FeedItem {
  return event === 'snapshot'
    ? { kind: 'snapshot', view: value as StatusAnswer }
    : { kind: 'event', event: value as PipelineEvent };
}
