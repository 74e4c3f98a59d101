import type { Deps } from '../deps.ts';
import { readUnits, type Units } from '../publish/quota.ts';
import { type Newest, readNewest } from './channel-newest.ts';
import type { ChannelPoint } from './channel-point.ts';
import { readSeries, type Series, type Stretch } from './channel-series.ts';
import { type ChannelVideos, readChannelVideos } from './channel-videos.ts';
import { findChannel } from './known-channels.ts';

export type ChannelState =
  /** YouTube knows it. */
  | 'found'
  /** YouTube does not. */
  | 'not_found'
  /** Nothing was collected yet. */
  | 'not_collected'
  /** No account is connected to it and its name is no id of YouTube, so that nothing can be asked. */
  | 'not_connected';

export interface ChannelView extends Series {
  channel_id: string;
  youtube_id: string | null;
  title: string | null;
  state: ChannelState;
  /** The newest figures, also when YouTube does not know the channel any more. */
  latest: ChannelPoint | null;
  videos: ChannelVideos;
  /** Today's units of YouTube; collections stop when they are used up. */
  quota: Units;
}

/** Null when nobody has heard of the channel. */
export async function readChannelStatistics(
  deps: Pick<Deps, 'pool' | 'config'>,
  channelId: string,
  stretch: Stretch,
): Promise<ChannelView | null> {
  const known = await findChannel(deps.pool, channelId);
  if (!known.known) return null;
  const [newest, series, videos, quota] = await Promise.all([
    readNewest(deps.pool, channelId),
    readSeries(deps, channelId, stretch),
    readChannelVideos(deps.pool, channelId),
    readUnits(deps),
  ]);
  return {
    channel_id: channelId,
    youtube_id: known.youtube_id ?? newest?.youtube_id ?? null,
    title: newest?.title ?? null,
    state: stateOf(known.youtube_id, newest),
    latest: newest?.latest ?? null,
    ...series,
    videos,
    quota,
  };
}

function stateOf(youtubeId: string | null, newest: Newest | null): ChannelState {
  if (newest) return newest.found ? 'found' : 'not_found';
  return youtubeId === null ? 'not_connected' : 'not_collected';
}
