import { z } from 'zod';
import { COMPLEXITIES } from '../../domain/video.ts';
import { WINDOWS } from '../../infra/analytics/window.ts';
import { count, dollars, time } from './answers.ts';

/** Bodies of the answers about analytics. */

const figures = {
  videos_processed: count.describe('Ended: completed, failed or cancelled'),
  completed_videos: count,
  failed_videos: count,
  cancelled_videos: count,
  success_rate: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe('Percent; what an operator cancelled does not count, what reached its cost limit does'),
  avg_processing_time: z.number().nullable().describe('Seconds from admission to the end, of completed ones'),
  avg_cost: dollars.nullable().describe('US dollars per video that ended, all of its cost'),
  total_cost: dollars.describe('US dollars charged in the window, whatever became of the video'),
};

const window = { time_window: z.enum(WINDOWS), from: time, to: time };

export const windowMetrics = z
  .strictObject({
    ...window,
    ...figures,
    by_complexity: z.array(z.strictObject({ complexity: z.enum(COMPLEXITIES), ...figures })),
    by_channel: z.array(z.strictObject({ channel_id: z.string(), ...figures })),
    by_provider: z.array(
      z.strictObject({
        provider: z.string(),
        videos: count.describe('That it was called for'),
        charges: count,
        total_cost: dollars,
        avg_cost: dollars.describe('US dollars per video'),
        avg_stage_time: z
          .number()
          .nullable()
          .describe('Seconds that a video spent in a stage that called it; null while none has ended'),
      }),
    ),
    failures: z
      .array(
        z.strictObject({
          kind: z.string(),
          stage: z.string().nullable().describe('Null for a video that failed outside of its stages'),
          videos: count.describe('That ended for it'),
          attempts: count.describe('That failed with it, those that a later one made good included'),
        }),
      )
      .describe('The most harmful first'),
  })
  .meta({ id: 'WindowMetrics' });

const source = z
  .enum(['measured', 'assumed', 'mixed'])
  .nullable()
  .describe('Whose views: counted by YouTube, VIEWS_PER_VIDEO, or some of each; null without a video');

const earned = {
  views: count.describe('Measured ones, and VIEWS_PER_VIDEO for each of the other videos'),
  measured_videos: count,
  views_source: source,
  revenue: dollars.describe('US dollars, to the cent: views at CPM_USD a thousand'),
};

export const dailyMetrics = z
  .strictObject({
    realtime: z.strictObject({ queue_depth: count, processing_count: count, last_update: time }),
    hourly: z.strictObject({ ...window, ...figures }),
    daily: z.strictObject({ ...window, ...figures }),
    revenue: z
      .strictObject({
        daily_videos: count.describe('Completed today'),
        estimated_daily_revenue: dollars.describe('US dollars of these'),
        estimated_monthly_revenue: dollars.describe('US dollars of the last 30 days, today included'),
        cpm: dollars.describe('US dollars that a thousand views are taken to earn'),
        views_per_video: count.describe('Of a video that is not measured'),
        views_source: source,
        measured_videos: count.describe('Of the last 30 days'),
        months: z
          .array(z.strictObject({ month: z.string(), videos: count.describe('Completed'), ...earned }))
          .describe('By calendar: this month so far and the last one'),
      })
      .describe('An estimate; it counts for the day on which a video was completed'),
    totals: z.strictObject({ total_processed: count, total_failed: count }),
    days: z.array(
      z.strictObject({
        date: z.iso.date(),
        videos: count.describe('Ended on this day'),
        completed: count,
        failed: count,
        cancelled: count,
        cost: dollars.describe('US dollars charged on this day'),
        average_cost: dollars.nullable().describe('US dollars per video that ended on this day'),
        ...earned,
      }),
    ),
  })
  .meta({ id: 'DailyMetrics' });

const told = count.nullable().describe('Null where YouTube does not tell it');
const point = z.strictObject({
  timestamp: time,
  view_count: told,
  subscriber_count: told,
  video_count: told,
});

export const channelStatistics = z
  .strictObject({
    channel_id: z.string(),
    youtube_id: z.string().nullable(),
    title: z.string().nullable(),
    state: z
      .enum(['found', 'not_found', 'not_collected', 'not_connected'])
      .describe(
        'Whether YouTube knows it; not_connected: it has no account, and its name is no id of YouTube',
      ),
    latest: point.nullable().describe('The newest figures, also when YouTube does not know it any more'),
    from: time,
    to: time,
    series: z.array(point).describe('Oldest first'),
    videos: z
      .strictObject({
        published: count,
        measured: count,
        views: count,
        top: z.array(
          z.strictObject({ video_id: z.uuid(), youtube_id: z.string(), views: count, measured_at: time }),
        ),
      })
      .describe('Its published videos as YouTube counted them last, and the fifty that were seen most'),
    quota: z
      .strictObject({
        used: count,
        limit: count,
        exhausted: z.boolean().describe('YouTube itself has said that they are used up'),
        resets_at: time,
      })
      .describe("Today's units of YouTube; collections stop when they are used up"),
  })
  .meta({ id: 'ChannelStatistics' });

export const collecting = z
  .strictObject({ channel_id: z.string(), status: z.literal('collecting'), workflow_id: z.string() })
  .meta({ id: 'Collecting' });
