import type { Db } from '../stores/postgres.ts';
import { type ChannelPoint, FOUND, OF_CHANNEL, POINT } from './channel-point.ts';

/** What YouTube has told of a channel last. */
export interface Newest {
  found: boolean;
  youtube_id: string;
  title: string | null;
  /** Of the last time that it was found. */
  latest: ChannelPoint | null;
}

/** Null when nothing was collected yet. */
export async function readNewest(db: Db, channelId: string): Promise<Newest | null> {
  const { rows } = await db.query<Newest>(
    `SELECT ${FOUND} AS found, metric_value->>'youtube_id' AS youtube_id, l.title, l.point AS latest
     FROM analytics_data LEFT JOIN LATERAL (
       SELECT metric_value->>'title' AS title, ${POINT} AS point FROM analytics_data
       WHERE ${OF_CHANNEL} AND ${FOUND} ORDER BY timestamp DESC LIMIT 1) AS l ON true
     WHERE ${OF_CHANNEL} ORDER BY timestamp DESC LIMIT 1`,
    [channelId],
  );
  return rows[0] ?? null;
}
