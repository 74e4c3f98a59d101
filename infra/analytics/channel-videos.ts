import type { Db } from '../stores/postgres.ts';
import { isoTime } from './channel-point.ts';

/** The published videos of a channel as YouTube counted them last. */
export interface ChannelVideos {
  published: number;
  measured: number;
  views: number;
  /** The fifty that were seen most. */
  top: MeasuredVideo[];
}

export interface MeasuredVideo {
  video_id: string;
  youtube_id: string;
  views: number;
  measured_at: string;
}

const TOP = 50;

export async function readChannelVideos(db: Db, channelId: string): Promise<ChannelVideos> {
  const { rows } = await db.query<ChannelVideos>(
    `SELECT count(*) AS published, count(views) AS measured, coalesce(sum(views), 0)::bigint AS views,
       (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY views DESC, video_id), '[]') FROM (
         SELECT video_id, youtube_id, views, ${isoTime('measured_at')} AS measured_at
         FROM publications WHERE channel_id = $1 AND state = 'published' AND views IS NOT NULL
         ORDER BY views DESC, video_id LIMIT ${TOP}) AS t) AS top
     FROM publications WHERE channel_id = $1 AND state = 'published'`,
    [channelId],
  );
  const row = rows[0];
  if (!row) throw new Error('a count has no row');
  return row;
}
