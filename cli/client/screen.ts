import type { FeedItem } from './event-feed.ts';
import type { VideoState } from './video-state.ts';

/** How a watched video is shown. */
export interface Screen {
  /** Once, before the first item. */
  open(head: { videoId: string; temporal: string | null }): void;
  show(item: FeedItem, state: VideoState): void;
  /** Stops drawing; what comes after is the result. */
  close(): void;
}

/** The lines above the stages. */
export function headLines(head: { videoId: string; temporal: string | null }): string[] {
  return [`Video ${head.videoId}`, ...(head.temporal ? [`Temporal UI ${head.temporal}`] : [])];
}
