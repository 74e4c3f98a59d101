import { PAGE_SIZE, type PageRequest, YOUTUBE_CHANNEL_ID } from '../../domain/statistics.ts';
import type { Db } from '../stores/postgres.ts';

/** A channel of ours and its id at YouTube. */
export interface KnownChannel {
  channel_id: string;
  youtube_id: string;
}

/** Each name in the queue once, by one look into the index per name. */
const ORDERED_FOR = `
  WITH RECURSIVE name AS (
    SELECT min(channel_id) AS channel_id FROM video_queue
    UNION ALL
    SELECT (SELECT min(channel_id) FROM video_queue q WHERE q.channel_id > name.channel_id) FROM name
    WHERE name.channel_id IS NOT NULL)
  SELECT channel_id FROM name WHERE channel_id IS NOT NULL`;

const ALL = `(${ORDERED_FOR} UNION SELECT channel_id FROM channels UNION SELECT channel_id FROM youtube_channels)`;

/** SQL of the id at YouTube: that of the connected account, else the name of the channel where it is such an id. */
const YOUTUBE_ID = `coalesce(y.youtube_id, CASE WHEN k.channel_id ~ '${YOUTUBE_CHANNEL_ID.source}' THEN k.channel_id END)`;

const pageSql = (known: string) => `
  SELECT k.channel_id, ${YOUTUBE_ID} AS youtube_id
  FROM ${known} AS k LEFT JOIN youtube_channels y ON y.channel_id = k.channel_id
  WHERE ($1::text IS NULL OR k.channel_id > $1) AND ${YOUTUBE_ID} IS NOT NULL
  ORDER BY k.channel_id LIMIT ${PAGE_SIZE}`;

/** The next channels that YouTube can be asked for, by name. */
export async function nextChannels(
  db: Db,
  { channel_id, after }: Pick<PageRequest, 'channel_id' | 'after'>,
): Promise<KnownChannel[]> {
  const { rows } = await (channel_id === undefined
    ? db.query<KnownChannel>(pageSql(ALL), [after])
    : db.query<KnownChannel>(pageSql('(SELECT $2::text AS channel_id)'), [after, channel_id]));
  return rows;
}

/** What is said of a channel without asking YouTube. */
export interface FoundChannel {
  /** Null when no account is connected to it and its name is no id of YouTube. */
  youtube_id: string | null;
  /** Whether anything of it is stored. */
  known: boolean;
}

export async function findChannel(db: Db, channelId: string): Promise<FoundChannel> {
  const { rows } = await db.query<FoundChannel>(
    `SELECT ${YOUTUBE_ID} AS youtube_id,
       EXISTS (SELECT FROM video_queue q WHERE q.channel_id = k.channel_id)
       OR EXISTS (SELECT FROM channels c WHERE c.channel_id = k.channel_id) OR y.channel_id IS NOT NULL
       OR EXISTS (SELECT FROM analytics_data a WHERE a.channel_id = k.channel_id) AS known
     FROM (SELECT $1::text AS channel_id) AS k LEFT JOIN youtube_channels y ON y.channel_id = k.channel_id`,
    [channelId],
  );
  const row = rows[0];
  if (!row) throw new Error('a look for a channel has no row');
  return row;
}
