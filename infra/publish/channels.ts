import type { Db } from '../stores/postgres.ts';
import type { TokenBox } from './token-box.ts';

/** An account that videos of a channel are uploaded to. */
export interface ConnectedChannel {
  /** As in `channel_id` of an order. */
  channel_id: string;
  /** Id and name of the channel at YouTube. */
  youtube_id: string;
  title: string;
  connected_at: Date;
}

export async function connectChannel(
  db: Db,
  box: TokenBox,
  { channel_id, youtube_id, title, refresh }: Omit<ConnectedChannel, 'connected_at'> & { refresh: string },
): Promise<void> {
  await db.query(
    `INSERT INTO youtube_channels (channel_id, youtube_id, title, refresh_token) VALUES ($1, $2, $3, $4)
     ON CONFLICT (channel_id) DO UPDATE SET youtube_id = excluded.youtube_id, title = excluded.title,
       refresh_token = excluded.refresh_token, closed_until = NULL, connected_at = now()`,
    [channel_id, youtube_id, title, box.seal(refresh, channel_id)],
  );
}

export async function listChannels(db: Db): Promise<ConnectedChannel[]> {
  const { rows } = await db.query<ConnectedChannel>(
    'SELECT channel_id, youtube_id, title, connected_at FROM youtube_channels ORDER BY channel_id',
  );
  return rows;
}

/** Those of the channels that are connected. */
export async function connectedAmong(db: Db, channelIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ channel_id: string }>(
    'SELECT channel_id FROM youtube_channels WHERE channel_id = ANY($1)',
    [channelIds],
  );
  return new Set(rows.map(({ channel_id }) => channel_id));
}

/** The refresh token of a channel, or null when it is not connected. Throws when the key is another one. */
export async function refreshTokenOf(db: Db, box: TokenBox, channelId: string): Promise<string | null> {
  const { rows } = await db.query<{ refresh_token: string }>(
    'SELECT refresh_token FROM youtube_channels WHERE channel_id = $1',
    [channelId],
  );
  return rows[0] ? box.open(rows[0].refresh_token, channelId) : null;
}

export async function forgetChannel(db: Db, channelId: string): Promise<void> {
  await db.query('DELETE FROM youtube_channels WHERE channel_id = $1', [channelId]);
}
