import { z } from 'zod';
import { STAGES } from '../../domain/stages.ts';
import { ARTIFACT_NAMES, FINAL_STATUSES } from '../../domain/video.ts';
import { artifact, dollars, time } from './answers.ts';

const stage = z.enum(Object.keys(STAGES)).nullable();

/** Body of the webhook of an order. */
export const videoEnded = z
  .strictObject({
    type: z.enum(FINAL_STATUSES.map((status) => `video.${status}` as const)),
    timestamp: time.describe('When the video ended'),
    data: z.strictObject({
      video_id: z.uuid(),
      user_id: z.string(),
      channel_id: z.string(),
      status: z.enum(FINAL_STATUSES),
      reason: z.string().nullable().describe('Why it ended as it did; null for a completed video'),
      stage: stage.describe('Where it ended'),
      message: z.string().nullable().describe('The reason for people'),
      cost: dollars,
      title: z.string().nullable().describe('Null unless it is completed, and so is the next'),
      duration_ms: z.int().nullable(),
      artifacts: z
        .partialRecord(z.enum(ARTIFACT_NAMES), artifact)
        .describe('Paths on this API; empty unless it is completed'),
      links: z.strictObject({ status: z.string() }),
    }),
  })
  .meta({ id: 'VideoEnded' });

/** Body of ALERT_WEBHOOK. */
export const criticalAlert = z
  .strictObject({
    type: z.literal('alert.critical'),
    timestamp: time,
    data: z
      .looseObject({
        event: z.string().describe('Type of the event; its fields are here too (docs/events.md)'),
        severity: z.string(),
        video_id: z.uuid().nullable().describe('Null for what is of no video, such as a full disk'),
        stage,
        error: z.string().describe('What happened, for people'),
      })
      .describe('What has to be looked at'),
  })
  .meta({ id: 'CriticalAlert' });

interface WebhookDoc {
  summary: string;
  body: z.ZodType;
}

/** What is posted to addresses outside, by its name in the OpenAPI document. */
export const WEBHOOKS: Record<string, WebhookDoc> = {
  videoEnded: { summary: 'To the webhook_url of an order, once its video has its end', body: videoEnded },
  criticalAlert: { summary: 'To ALERT_WEBHOOK', body: criticalAlert },
};

/** Headers of each; they verify as docs/webhooks.md shows. */
export const WEBHOOK_HEADERS: Record<string, string> = {
  'webhook-id': 'The same at every try of one event',
  'webhook-timestamp': 'Seconds since 1970 of this try',
  'webhook-signature': 'v1, and the HMAC-SHA256 of id.timestamp.body in base64',
};
