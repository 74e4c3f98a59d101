import type { Micros } from './money.ts';

export const COMPLEXITIES = ['simple', 'complex', 'premium'] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

export const ASPECTS = ['16:9', '9:16', '1:1'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** How captions are drawn into the picture; `none` leaves them to the files beside the video. */
export const CAPTION_STYLES = ['bold', 'clean', 'none'] as const;
export type CaptionStyle = (typeof CAPTION_STYLES)[number];
export const DEFAULT_CAPTIONS: CaptionStyle = 'bold';

/** The music that is made here; every other name of the catalogue is a track of MUSIC_DIR. */
export const SOFT_MUSIC = 'soft';

export const VIDEO_STATUSES = ['queued', 'processing', 'completed', 'failed', 'cancelled'] as const;
export type VideoStatus = (typeof VIDEO_STATUSES)[number];

/** Statuses that nothing may change any more, except an operator's retry (which starts a new generation). */
export const FINAL_STATUSES = ['completed', 'failed', 'cancelled'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

export function isFinal(status: VideoStatus): status is FinalStatus {
  return (FINAL_STATUSES as readonly string[]).includes(status);
}

/** The request for one video as it is stored in `video_queue.request_data`. Money is micro-dollars. */
export interface Order {
  user_id: string;
  channel_id: string;
  /** Exactly one of the three is set: a topic, a finished narration, or a text to make one from. */
  prompt?: string;
  script?: string;
  article?: string;
  /** 1 (last) to 10 (first). */
  priority: number;
  complexity: Complexity;
  keywords: string[];
  /** Wanted length in seconds, 15 to 600. A given script is spoken whole, whatever this says. */
  duration: number;
  aspect: Aspect;
  /** BCP 47 language of the narration, for example "en". */
  language: string;
  /** Name of a voice in the catalogue of the configuration; without it the usual one speaks. */
  voice?: string;
  /** Missing in orders from before there was a choice: {@link DEFAULT_CAPTIONS}. */
  captions?: CaptionStyle;
  /** Name of the music under the narration; without it there is none. */
  music?: string;
  /** Ids of own clips and images, in the order of the scenes that they are for. */
  media?: string[];
  title?: string;
  /** Page that the text comes from, linked in the description. */
  source_url?: string;
  tags: string[];
  max_cost: Micros;
  /** Uploaded to the channel's account once it is finished. */
  publish?: true;
  /** Told of the end of the video. */
  webhook_url?: string;
  /** ISO 8601; private until then. Without it a published video stays private. */
  publish_at?: string;
}

/** What an order is expected to cost before any history exists: the user's figures. */
export const ESTIMATED_COST: Record<Complexity, Micros> = {
  simple: 2_000_000,
  complex: 2_500_000,
  premium: 2_800_000,
};

/** Seconds from order to finished video that are promised before any history exists. */
export const ESTIMATED_TIME_S = 600;

/** Frame sizes by aspect; every video runs at {@link FRAME_RATE}. */
export const FRAME_SIZE: Record<Aspect, { width: number; height: number }> = {
  '16:9': { width: 1920, height: 1080 },
  '9:16': { width: 1080, height: 1920 },
  '1:1': { width: 1080, height: 1080 },
};

export const FRAME_RATE = 30;

/** File names of a finished upload package; an artifact URL takes no other name. */
export const ARTIFACT_NAMES = [
  'video.mp4',
  'captions.srt',
  'captions.vtt',
  'thumbnail.jpg',
  'metadata.json',
  'licences.json',
  'bill.json',
] as const;
export type ArtifactName = (typeof ARTIFACT_NAMES)[number];

/** A file of the artifact store. `key` is relative to the store; `bytes` its size; `sha256` in hex. */
export interface ArtifactRef {
  key: string;
  sha256: string;
  bytes: number;
}
