import type { Deps } from '../deps.ts';
import { midnight } from '../money/report-days.ts';
import { type ChannelPoint, FOUND, OF_CHANNEL, POINT } from './channel-point.ts';

/** A stretch of time: moments or days of REPORT_TZ as ISO 8601. Null = 30 days ago, and now. */
export interface Stretch {
  from: string | null;
  to: string | null;
}

export interface Series {
  /** ISO 8601, both ends included. */
  from: string;
  to: string;
  /** Oldest first. */
  series: ChannelPoint[];
}

/** A day stands for its begin, as the end of a stretch for its last moment; `$n` is a parameter. */
const moment = (parameter: string, isEnd: boolean, timeZone: string) =>
  `CASE WHEN ${parameter} ~ '^\\d{4}-\\d{2}-\\d{2}$' THEN ${midnight(`${parameter}::date${isEnd ? ' + 1' : ''}`, timeZone)}
     ${isEnd ? `- interval '1 microsecond'` : ''} ELSE ${parameter}::timestamptz END`;

const seriesSql = (timeZone: string) => `
  WITH stretch AS MATERIALIZED (
    SELECT coalesce(${moment('$2::text', false, timeZone)}, upper - interval '30 days') AS lower, upper
    FROM (SELECT coalesce(${moment('$3::text', true, timeZone)}, clock_timestamp()) AS upper) AS given)
  SELECT lower, upper, (SELECT coalesce(jsonb_agg(${POINT} ORDER BY timestamp), '[]') FROM analytics_data
    WHERE ${OF_CHANNEL} AND ${FOUND} AND timestamp >= lower AND timestamp <= upper) AS series
  FROM stretch`;

/** What YouTube told of a channel in a stretch of time. */
export async function readSeries(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  channelId: string,
  { from, to }: Stretch,
): Promise<Series> {
  const { rows } = await pool.query<{ lower: Date; upper: Date; series: ChannelPoint[] }>(
    seriesSql(config.money.timeZone),
    [channelId, from, to],
  );
  const row = rows[0];
  if (!row) throw new Error('the stretch of a series has no row');
  return { from: row.lower.toISOString(), to: row.upper.toISOString(), series: row.series };
}
