import type { Db } from '../stores/postgres.ts';

/** So many videos of a channel in a row show no clip twice among them, beside the one that is being made. */
export const VIDEOS_APART = 50;

/** A video, in whose name clips are taken, and the channel that it is for. */
export interface ClipUser {
  channelId: string;
  videoId: string;
}

/** Lets the clips of the channel's older videos be shown again: from here on, what the table holds is taken. */
export async function forgetOldUses(db: Db, { channelId, videoId }: ClipUser): Promise<void> {
  await db.query(
    `DELETE FROM footage_uses WHERE channel_id = $1 AND video_id <> $2 AND video_id NOT IN (
       SELECT video_id FROM footage_uses WHERE channel_id = $1 AND video_id <> $2
       GROUP BY video_id ORDER BY max(used_at) DESC LIMIT ${VIDEOS_APART})`,
    [channelId, videoId],
  );
}

/** Those of the clips that another of the channel's latest videos shows. */
export async function takenClips(
  db: Db,
  { channelId, videoId }: ClipUser,
  provider: string,
  clipIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ clip_id: string }>(
    `SELECT clip_id FROM footage_uses
     WHERE channel_id = $1 AND provider = $2 AND clip_id = ANY($3) AND video_id <> $4`,
    [channelId, provider, clipIds, videoId],
  );
  return new Set(rows.map((row) => row.clip_id));
}

/** Takes a clip for the video; false when another of the channel's latest videos has it, also since it was looked for. */
export async function takeClipFor(
  db: Db,
  { channelId, videoId }: ClipUser,
  provider: string,
  clipId: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO footage_uses (channel_id, provider, clip_id, video_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (channel_id, provider, clip_id) DO UPDATE SET used_at = clock_timestamp()
     WHERE footage_uses.video_id = excluded.video_id`,
    [channelId, provider, clipId, videoId],
  );
  return rowCount === 1;
}
