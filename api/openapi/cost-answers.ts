import { z } from 'zod';
import { SERVICES } from '../../domain/results.ts';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { count, dollars } from './answers.ts';

/** Bodies of the answers about money. */

const id = z.uuid();

const serviceCosts = z.record(
  z.string(),
  z.strictObject({ total: dollars, count, average: dollars.describe('US dollars per charge') }),
);

export const videoCosts = z
  .strictObject({
    video_id: id,
    total_cost: dollars.describe('US dollars charged and assumed'),
    held: dollars.describe('US dollars set aside for calls under way'),
    assumed: dollars.describe('Part of the total: nobody knows whether these calls were billed'),
    saved: dollars.describe('What stored answers would have cost again; no part of the total'),
    cap: dollars,
    within_budget: z.boolean(),
    breakdown: serviceCosts.describe('By service'),
    stages: z
      .array(
        z.strictObject({
          stage: z.enum(STAGE_NAMES).nullable().describe('Null for charges from outside'),
          attempt: z.int().nullable().describe('Attempts count anew in each run of a video'),
          total: dollars,
          held: dollars,
          assumed: dollars,
          saved: dollars,
        }),
      )
      .describe('By attempt of a stage'),
  })
  .meta({ id: 'VideoCosts' });

export const charged = z
  .strictObject({
    video_id: id,
    id: z.string(),
    service: z.enum(SERVICES),
    operation: z.string(),
    amount: dollars,
    total_cost: dollars.describe('US dollars that the video has cost by now'),
  })
  .meta({ id: 'Charged' });

export const dayCosts = z
  .strictObject({
    date: z.iso.date(),
    videos_processed: count.describe('Ended on this day'),
    total_cost: dollars.describe('US dollars charged on this day'),
    average_cost: dollars.nullable().describe('US dollars per video that ended on this day, all of its cost'),
    max_cost: dollars.nullable().describe('US dollars of the dearest of these'),
    services: serviceCosts.describe('Charged on this day, by service'),
    channels: z
      .record(z.string(), z.strictObject({ total: dollars, videos_processed: count }))
      .describe('The same by channel'),
  })
  .meta({ id: 'DayCosts' });

export const channel = z
  .strictObject({
    channel_id: z.string(),
    daily_limit: dollars.nullable().describe('Null for no limit of its own'),
    counted_today: dollars.describe(
      'US dollars of videos that ended today, and of those in production at least their estimates',
    ),
  })
  .meta({ id: 'Channel' });
