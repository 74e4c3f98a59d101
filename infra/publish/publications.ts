import type { PublicationState, PublishEnd } from '../../domain/publishing.ts';
import type { ArtifactName, ArtifactRef } from '../../domain/video.ts';
import type { Db } from '../stores/postgres.ts';
import { filesOf } from '../views/video-files.ts';

/** A publication as its activities need it. */
export interface Publication {
  video_id: string;
  channel_id: string;
  state: PublicationState;
  publish_at: Date | null;
  /** Sealed, under the video's id. */
  session: string | null;
  last_part_sent: boolean;
  youtube_id: string | null;
  thumbnail_at: Date | null;
  captions_at: Date | null;
  missing: Record<string, string>;
}

/** What is left out of a published video when it cannot be had. */
export type Extra = 'thumbnail' | 'captions';

export async function readPublication(db: Db, videoId: string): Promise<Publication | null> {
  const { rows } = await db.query<Publication>(
    `SELECT video_id, channel_id, state, publish_at, session, last_part_sent, youtube_id, thumbnail_at, captions_at,
       missing FROM publications WHERE video_id = $1`,
    [videoId],
  );
  return rows[0] ?? null;
}

/** The files of the package, or null when they are not there any more. */
export async function packageOf(db: Db, videoId: string): Promise<Record<ArtifactName, ArtifactRef> | null> {
  const files = await filesOf(db, videoId);
  return files && files !== 'expired' ? (files as Record<ArtifactName, ArtifactRef>) : null;
}

/** Keeps the session, unless another attempt was first; answers the one that counts, null when the video has its end. */
export async function keepSession(
  db: Db,
  videoId: string,
  session: string,
  bytes: number,
): Promise<string | null> {
  const { rows } = await db.query<{ session: string | null }>(
    `UPDATE publications SET session = coalesce(session, $2), bytes = $3
     WHERE video_id = $1 AND state IN ('waiting', 'uploading') RETURNING session`,
    [videoId, session, bytes],
  );
  return rows[0]?.session ?? null;
}

/**
 * Written before the part that makes the video: from then on no other session may be begun. False when this session
 * is not the one that counts, or the publication has its end.
 */
export async function markLastPart(db: Db, videoId: string, session: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE publications SET last_part_sent = true
     WHERE video_id = $1 AND session = $2 AND state IN ('waiting', 'uploading')`,
    [videoId, session],
  );
  return rowCount === 1;
}

/** True from its order to its end. */
export async function isOnItsWay(db: Db, videoId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM publications WHERE video_id = $1 AND state IN ('waiting', 'uploading')`,
    [videoId],
  );
  return rowCount === 1;
}

/** The film is made again: what is left of it may not follow on a part of the old one, which may be at YouTube whole. */
export async function forgetUpload(db: Db, videoId: string): Promise<void> {
  await db.query(
    `UPDATE publications SET session = NULL, bytes = NULL, sent_bytes = 0,
       reason = CASE WHEN last_part_sent THEN 'doubtful' ELSE reason END,
       message = CASE WHEN last_part_sent THEN 'an earlier film of the video may be at YouTube; look there before anything else'
         ELSE message END
     WHERE video_id = $1 AND youtube_id IS NULL`,
    [videoId],
  );
}

/** Gives up a session that is gone; false when its last part was sent, so that the video may exist. */
export async function dropSession(db: Db, videoId: string, session: string): Promise<boolean> {
  const { rows } = await db.query<{ doubtful: boolean }>(
    `UPDATE publications SET session = CASE WHEN last_part_sent OR session <> $2 THEN session END
     WHERE video_id = $1 RETURNING last_part_sent AS doubtful`,
    [videoId, session],
  );
  return rows[0]?.doubtful === false;
}

/** Bytes that have arrived, which end a row of failures. False when the publication has its end. */
export async function noteSent(db: Db, videoId: string, bytes: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE publications SET sent_bytes = $2, failures = 0, message = NULL, state = 'uploading',
       uploading_at = coalesce(uploading_at, clock_timestamp())
     WHERE video_id = $1 AND state IN ('waiting', 'uploading')`,
    [videoId, bytes],
  );
  return rowCount === 1;
}

/** One more failure in a row; answers how many there are. */
export async function noteFailure(db: Db, videoId: string, message: string): Promise<number> {
  const { rows } = await db.query<{ failures: number }>(
    'UPDATE publications SET failures = failures + 1, message = $2 WHERE video_id = $1 RETURNING failures',
    [videoId, message],
  );
  return rows[0]?.failures ?? 1;
}

/** The allowance is used up: it waits again, with its session where it has one. */
export async function noteWaiting(db: Db, videoId: string, reason: string): Promise<void> {
  await db.query(
    `UPDATE publications SET state = 'waiting', reason = $2 WHERE video_id = $1 AND state IN ('waiting', 'uploading')`,
    [videoId, reason],
  );
}

/** The video exists: this is true whatever the row said before, a cancel that came too late included. */
export async function notePublished(db: Db, videoId: string, youtubeId: string): Promise<void> {
  await db.query(
    `UPDATE publications SET state = 'published', youtube_id = $2, sent_bytes = coalesce(bytes, sent_bytes),
       reason = NULL, message = NULL, session = NULL, ended_at = clock_timestamp()
     WHERE video_id = $1 AND youtube_id IS NULL`,
    [videoId, youtubeId],
  );
}

export async function noteExtra(
  db: Db,
  videoId: string,
  extra: Extra,
  missing: string | null,
): Promise<void> {
  const column = extra === 'thumbnail' ? 'thumbnail_at' : 'captions_at';
  await (missing === null
    ? db.query(`UPDATE publications SET ${column} = clock_timestamp() WHERE video_id = $1`, [videoId])
    : db.query(
        `UPDATE publications SET missing = missing || jsonb_build_object($2::text, $3::text) WHERE video_id = $1`,
        [videoId, extra, missing],
      ));
}

/** Changes nothing of a publication that has its end. */
export async function endPublication(
  db: Db,
  { video_id, state, reason, message }: PublishEnd,
): Promise<void> {
  await db.query(
    `UPDATE publications SET state = $2, reason = $3, message = $4, ended_at = clock_timestamp()
     WHERE video_id = $1 AND state IN ('waiting', 'uploading')`,
    [video_id, state, reason, message],
  );
}
