import type { Micros } from './money.ts';

/** Whose views an estimate of revenue rests on. */
export type ViewsSource = 'measured' | 'assumed' | 'mixed';

/** Completed videos, and how often those of them that YouTube has counted were seen. */
export interface Audience {
  videos: number;
  measured_videos: number;
  measured_views: number;
}

/** What views are taken to earn. */
export interface RevenueModel {
  /** Of a thousand views. */
  cpm: Micros;
  /** Of a video that is not measured. */
  viewsPerVideo: number;
}

export interface Revenue {
  videos: number;
  measured_videos: number;
  /** Measured ones, and for the other videos those that are assumed. */
  views: number;
  /** Null without a video. */
  views_source: ViewsSource | null;
  /** Dollars, to the cent. */
  revenue: number;
}

const MICROS_PER_CENT = 10_000n;
const VIEWS_PER_CPM = 1_000n;

/** Views × CPM / 1000, half a cent rounded up. */
export function estimateRevenue(
  { videos, measured_videos, measured_views }: Audience,
  { cpm, viewsPerVideo }: RevenueModel,
): Revenue {
  const views = measured_views + (videos - measured_videos) * viewsPerVideo;
  const unit = MICROS_PER_CENT * VIEWS_PER_CPM;
  const cents = (BigInt(views) * BigInt(cpm) + unit / 2n) / unit;
  return {
    videos,
    measured_videos,
    views,
    views_source: sourceOf(videos, measured_videos),
    revenue: Number(cents) / 100,
  };
}

/** All of them together. */
export function sumAudience(parts: readonly Audience[]): Audience {
  const add = (name: keyof Audience) => parts.reduce((sum, part) => sum + part[name], 0);
  return {
    videos: add('videos'),
    measured_videos: add('measured_videos'),
    measured_views: add('measured_views'),
  };
}

function sourceOf(videos: number, measured: number): ViewsSource | null {
  if (videos === 0) return null;
  if (measured === 0) return 'assumed';
  return measured === videos ? 'measured' : 'mixed';
}
