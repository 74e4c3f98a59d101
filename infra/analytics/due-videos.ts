import { PAGE_SIZE, type PageRequest } from '../../domain/statistics.ts';
import type { Db } from '../stores/postgres.ts';

/** A published video whose views are worth a look. */
export interface DueVideo {
  video_id: string;
  channel_id: string;
  youtube_id: string;
}

/**
 * The next videos to measure, those that were never measured first. Of one channel all that were not measured in this
 * collection; of all channels those whose time has come.
 */
export async function nextVideos(
  db: Db,
  { channel_id = null, at }: { channel_id?: string | null } & Pick<PageRequest, 'at'>,
): Promise<DueVideo[]> {
  const { rows } = await db.query<DueVideo>(
    `SELECT video_id, channel_id, youtube_id FROM publications
     WHERE state = 'published' AND youtube_id IS NOT NULL AND (measured_at IS NULL OR measured_at < $1)
       AND CASE WHEN $2::text IS NULL THEN measure_at IS NULL OR measure_at <= $1 ELSE channel_id = $2 END
     ORDER BY measure_at NULLS FIRST, video_id LIMIT ${PAGE_SIZE}`,
    [at, channel_id],
  );
  return rows;
}
