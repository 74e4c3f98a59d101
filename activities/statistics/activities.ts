import type { StatisticsActivities } from '../../domain/statistics.ts';
import { nextVideos } from '../../infra/analytics/due-videos.ts';
import { nextChannels } from '../../infra/analytics/known-channels.ts';
import { storeChannels, storeVideos } from '../../infra/analytics/store-statistics.ts';
import type { Item } from '../../infra/analytics/youtube-statistics.ts';
import type { Deps } from '../../infra/deps.ts';
import { collectPage } from './collect-page.ts';

/** The activities of the workflow `collectStatistics`: one call of YouTube each. */
export function createStatisticsActivities(deps: Deps): StatisticsActivities {
  return {
    collectChannels: (request) =>
      collectPage(deps, {
        resource: 'channels',
        subjects: () => nextChannels(deps.pool, request),
        store: (page) => storeChannels(deps.pool, request.at, page.map(channelRow)),
        next: ({ channel_id }) => channel_id,
      }),
    collectVideos: (request) =>
      collectPage(deps, {
        resource: 'videos',
        subjects: () => nextVideos(deps.pool, request),
        store: (page) => storeVideos(deps.pool, request.at, page.map(videoRow)),
        next: ({ video_id }) => video_id,
      }),
  };
}

interface Told<T> {
  subject: T;
  /** Null when YouTube does not know it. */
  item: Item | null;
}

function channelRow({ subject, item }: Told<{ channel_id: string; youtube_id: string }>) {
  const { channel_id, youtube_id } = subject;
  const { viewCount, subscriberCount, videoCount } = item?.counts ?? {};
  const metric_value = {
    found: item !== null,
    youtube_id,
    title: item?.title ?? null,
    view_count: viewCount ?? null,
    subscriber_count: subscriberCount ?? null,
    video_count: videoCount ?? null,
  };
  return { channel_id, metric_value };
}

function videoRow({ subject, item }: Told<{ video_id: string; channel_id: string; youtube_id: string }>) {
  const { channel_id, video_id, youtube_id } = subject;
  const { viewCount, likeCount, commentCount } = item?.counts ?? {};
  const metric_value = {
    found: item !== null,
    video_id,
    youtube_id,
    view_count: viewCount ?? null,
    like_count: likeCount ?? null,
    comment_count: commentCount ?? null,
  };
  return { channel_id, metric_value };
}
