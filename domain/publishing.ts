/** What workflow, activities, API and stores must agree on about a video's way to YouTube. */

export const PUBLISH_WORKFLOW_TYPE = 'publishVideo';

export function publishIdOf(videoId: string): string {
  return `publish-${videoId}`;
}

export const PUBLICATION_STATES = ['waiting', 'uploading', 'published', 'failed', 'cancelled'] as const;
export type PublicationState = (typeof PUBLICATION_STATES)[number];

/** Signal without arguments: the wait for allowance is cut short and the upload tried again. */
export const LOOK_AGAIN = 'lookAgain';

/** The only workflow input: everything else stands in `publications`. */
export interface PublishInput {
  video_id: string;
}

export interface PublishOutcome {
  state: 'published';
  youtube_id: string;
}

/** `wait_ms`: the day's allowance is used up, nothing is under way and no slot is held meanwhile. */
export type UploadAnswer = { youtube_id: string } | { wait_ms: number };

export interface PublishEnd extends PublishInput {
  state: 'failed' | 'cancelled';
  reason: string;
  message: string;
}

/** Each is idempotent, since a reply may be lost. They run on the `io` queue. */
export interface PublishActivities {
  uploadVideo(input: PublishInput): Promise<UploadAnswer>;
  /** The two answer when it is done, or left out for good: then `publications.missing` says why. */
  setThumbnail(input: PublishInput): Promise<void>;
  addCaptions(input: PublishInput): Promise<void>;
  /** Changes nothing of a publication that has its end. */
  endPublication(end: PublishEnd): Promise<void>;
}

/**
 * What a call takes of the daily allowance. `videos.insert` has an allowance of its own, counted in calls; all others
 * share one in units. Source: developers.google.com/youtube/v3/determine_quota_cost, read 2026-11-24 (older copies of
 * the page count 1,600 units for an upload).
 */
export const UNITS = {
  'channels.list': 1,
  'videos.list': 1,
  'thumbnails.set': 50,
  'captions.insert': 400,
} as const;
export type UnitCall = keyof typeof UNITS;
export const UPLOADS_PER_DAY = 100;
export const UNITS_PER_DAY = 10_000;

/** Midnight here begins a day of the allowance (same page). */
export const QUOTA_ZONE = 'America/Los_Angeles';
