import {
  CHANNEL_METRIC,
  type ChannelStatistics,
  VIDEO_METRIC,
  type VideoStatistics,
} from '../../domain/statistics.ts';
import type { Db } from '../stores/postgres.ts';

/** Views change less and less: a video is measured again after an eighth of its age. */
const NEXT_LOOK = `$2::timestamptz + greatest(interval '3 hours', ($2::timestamptz - coalesce(p.ended_at, p.ready_at)) / 8)`;

const INSERT = `
  INSERT INTO analytics_data (channel_id, metric_type, metric_value, timestamp)
  SELECT channel_id, $1, metric_value, $2 FROM jsonb_to_recordset($3::jsonb) AS r(channel_id text, metric_value jsonb)
  ON CONFLICT DO NOTHING`;

export interface Measured<T> {
  channel_id: string;
  metric_value: T;
}

/** Stores what one call has told of channels; the same again changes nothing. `at` is ISO 8601. */
export async function storeChannels(
  db: Db,
  at: string,
  rows: readonly Measured<ChannelStatistics>[],
): Promise<void> {
  await db.query(INSERT, [CHANNEL_METRIC, at, JSON.stringify(rows)]);
}

/** The same of videos, and when each is to be measured again. One that is gone keeps the views that it had. */
export async function storeVideos(
  db: Db,
  at: string,
  rows: readonly Measured<VideoStatistics>[],
): Promise<void> {
  await db.query(
    `WITH stored AS (${INSERT})
     UPDATE publications p SET views = coalesce(v.view_count, p.views), measured_at = $2, measure_at = ${NEXT_LOOK}
     FROM (SELECT (metric_value->>'video_id')::uuid AS video_id, (metric_value->>'view_count')::bigint AS view_count
       FROM jsonb_to_recordset($3::jsonb) AS r(metric_value jsonb)) AS v
     WHERE p.video_id = v.video_id`,
    [VIDEO_METRIC, at, JSON.stringify(rows)],
  );
}
