import type { PublicationState } from '../../domain/publishing.ts';
import type { Deps } from '../deps.ts';
import { turnSql } from './quota.ts';

/** A publication as the status of its video shows it. Times are ISO 8601. */
export interface PublicationView {
  state: PublicationState;
  /** When it is expected to go while it waits, else when it has begun or ended. */
  at: string | null;
  /** When YouTube makes it public; null = it stays private. */
  publish_at: string | null;
  youtube_id: string | null;
  url: string | null;
  /** Percent of the file that has arrived. */
  sent: number;
  /** `thumbnail` or `captions` that were left out, and why. */
  missing: Record<string, string>;
  reason: string | null;
  message: string | null;
}

interface Row extends Omit<PublicationView, 'at' | 'publish_at' | 'url' | 'sent'> {
  at: Date | null;
  publish_at: Date | null;
  bytes: number | null;
  sent_bytes: number;
}

/** Reads one; `now` is a test's clock. */
export async function viewPublication(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  videoId: string,
  now = new Date(),
): Promise<PublicationView | null> {
  const { rows } = await pool.query<Row>(
    `SELECT state, publish_at, youtube_id, bytes, sent_bytes, missing, reason, message,
       CASE state WHEN 'waiting' THEN ${turnSql('$2', '$3')} WHEN 'uploading' THEN uploading_at ELSE ended_at END AS at
     FROM publications p WHERE video_id = $1`,
    [videoId, now, config.youtube.uploadsPerDay],
  );
  const row = rows[0];
  if (!row) return null;
  const { bytes, sent_bytes, at, publish_at, ...rest } = row;
  return {
    ...rest,
    at: at?.toISOString() ?? null,
    publish_at: publish_at?.toISOString() ?? null,
    url: row.youtube_id && `https://www.youtube.com/watch?v=${row.youtube_id}`,
    sent: bytes ? Math.round((sent_bytes / bytes) * 1000) / 10 : 0,
  };
}
