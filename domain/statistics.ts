/** What workflow, activities, API and stores must agree on about statistics of YouTube. */

export const STATISTICS_WORKFLOW_TYPE = 'collectStatistics';
/** Id of the Temporal Schedule, and the beginning of the ids of its workflows. */
export const STATISTICS_SCHEDULE = 'collect-statistics';

export interface CollectInput {
  /** Only this channel and its videos; all that are known when left out. */
  channel_id?: string;
}

/** Why a collection ended before its end: nothing is wrong with it, and the next one goes on. */
export type CollectStop =
  /** Today's units are used up, or uploads need those that are left. */
  | 'quota'
  /** YouTube refuses the key or is away; GET /providers says which. */
  | 'provider_closed'
  /** There is no YOUTUBE_API_KEY. */
  | 'no_key';

export interface CollectOutcome {
  /** Of which statistics were stored. */
  channels: number;
  videos: number;
  /** Channels and videos that YouTube does not know. */
  not_found: number;
  stopped: CollectStop | null;
}

export interface PageRequest extends CollectInput {
  /** ISO 8601, the time of all that this collection stores: a page that is asked for twice is stored once. */
  at: string;
  /** Channels up to this one are done. */
  after: string | null;
}

export interface PageAnswer {
  found: number;
  not_found: number;
  /** `after` of the next page; null = there is none. */
  next: string | null;
  stopped: CollectStop | null;
}

/** They run on the `io` queue, one call of at most {@link PAGE_SIZE} ids each. */
export interface StatisticsActivities {
  collectChannels(request: PageRequest): Promise<PageAnswer>;
  collectVideos(request: PageRequest): Promise<PageAnswer>;
}

/** Most ids of one call (developers.google.com/youtube/v3/docs/channels/list, read 2026-11-28). */
export const PAGE_SIZE = 50;
/** A collection of more pages goes on the next time. */
export const MAX_PAGES = 200;

/** `metric_type` of rows of `analytics_data`. */
export const CHANNEL_METRIC = 'channel_statistics';
export const VIDEO_METRIC = 'video_statistics';

/** `metric_value` of a channel. Counts are null where YouTube does not tell them. */
export interface ChannelStatistics {
  /** False when YouTube knows no such channel. */
  found: boolean;
  youtube_id: string;
  title: string | null;
  view_count: number | null;
  subscriber_count: number | null;
  video_count: number | null;
}

/** `metric_value` of a published video. */
export interface VideoStatistics {
  found: boolean;
  video_id: string;
  youtube_id: string;
  view_count: number | null;
  like_count: number | null;
  comment_count: number | null;
}

/** What YouTube's ids of channels look like; an order's `channel_id` may be one. */
export const YOUTUBE_CHANNEL_ID = /^UC[A-Za-z0-9_-]{22}$/;
