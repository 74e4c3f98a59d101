import { CHANNEL_METRIC, type ChannelStatistics } from '../../domain/statistics.ts';

/** What YouTube told of a channel at a time. Counts are null where it does not tell them. */
export type ChannelPoint = { timestamp: string } & Pick<
  ChannelStatistics,
  'view_count' | 'subscriber_count' | 'video_count'
>;

/** SQL of a time as ISO 8601. */
export function isoTime(time: string): string {
  return `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** SQL of a row of `analytics_data` as a {@link ChannelPoint}. */
export const POINT = `jsonb_build_object('timestamp', ${isoTime('timestamp')}, 'view_count', metric_value->'view_count',
  'subscriber_count', metric_value->'subscriber_count', 'video_count', metric_value->'video_count')`;
export const FOUND = `metric_value->>'found' = 'true'`;
/** Of the channel `$1`. */
export const OF_CHANNEL = `channel_id = $1 AND metric_type = '${CHANNEL_METRIC}'`;
