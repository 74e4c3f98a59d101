import { z } from 'zod';
import { LANES } from '../../domain/lanes.ts';
import { WEBHOOK_STATES } from '../../domain/notifications.ts';
import { PUBLICATION_STATES } from '../../domain/publishing.ts';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { ARTIFACT_NAMES, COMPLEXITIES, VIDEO_STATUSES } from '../../domain/video.ts';
import { SCOPES } from '../../infra/settings/api-keys.ts';

/** Bodies of the answers, for the OpenAPI document; the tests hold real answers against them. */

export const dollars = z.number().min(0).describe('US dollars');
export const time = z.iso.datetime().describe('ISO 8601, UTC');
const id = z.uuid();
const eta = time
  .nullable()
  .describe('Null while it is paused, has ended, or no living worker offers it a place');

const links = z
  .strictObject({
    status: z.string(),
    stream: z.string(),
    temporal: z.string().nullable().describe('Page of the workflow in the Temporal Web UI'),
  })
  .meta({ id: 'Links' });

export const accepted = z
  .strictObject({
    video_id: id,
    status: z.enum(VIDEO_STATUSES),
    position: z.int().min(1).nullable().describe('1 = next; null when it does not wait'),
    estimated_cost: dollars,
    estimated_time: z.number().describe('Seconds from now until it is finished'),
    eta,
    links,
  })
  .meta({ id: 'Accepted' });

/** What would have been accepted. */
export const dryRun = accepted
  .omit({ video_id: true, links: true })
  .extend({ dry_run: z.literal(true) })
  .meta({ id: 'DryRun' });

export const acceptedBatch = z
  .strictObject({ videos: z.array(accepted), estimated_cost: dollars })
  .meta({ id: 'AcceptedBatch' });

const costHistory = z.strictObject({
  videos: z.int().min(1).describe('Newest completed ones, 200 at most'),
  mean: dollars,
  standard_deviation: dollars.nullable().describe('Null for a single video'),
});

export const dryBatch = z
  .strictObject({
    videos: z.array(dryRun),
    estimated_cost: dollars,
    history: z
      .partialRecord(z.enum(COMPLEXITIES), costHistory.nullable())
      .describe('What completed videos of these complexities have cost; null where there is none'),
    left_today: z
      .strictObject({
        all: dollars.nullable().describe('Of all videos; null without a limit'),
        channels: z.record(z.string(), dollars).describe('Of the channels of these orders that have a limit'),
      })
      .describe('US dollars that the limits of the day leave now'),
  })
  .meta({ id: 'DryBatch' });

export const catalogue = z
  .strictObject({ voices: z.array(z.string()), music: z.array(z.string()) })
  .meta({ id: 'Catalogue' });

export const artifact = z.strictObject({ url: z.string(), bytes: z.int(), sha256: z.string() });

export const pipelineState = z
  .strictObject({ status: z.enum(['paused', 'running', 'halted']), message: z.string() })
  .meta({ id: 'PipelineState' });

const attempt = z.strictObject({
  stage: z.enum(STAGE_NAMES),
  attempt: z.int(),
  outcome: z
    .enum(['completed', 'reused', 'failed', 'cancelled', 'worker_lost'])
    .nullable()
    .describe('Null while it runs'),
  kind: z.string().nullable(),
  message: z.string().nullable(),
  started_at: time,
  ended_at: time.nullable(),
});

const failure = z.looseObject({
  stage: z.string(),
  attempt: z.int(),
  kind: z.string(),
  severity: z.string(),
  message: z.string(),
  at: time,
  next: z.string().describe('What happens now'),
});

export const publication = z
  .strictObject({
    state: z.enum(PUBLICATION_STATES),
    at: time.nullable().describe('When it is expected to go, has begun, or has ended, by its state'),
    publish_at: time.nullable().describe('When YouTube makes it public; null = it stays private'),
    youtube_id: z.string().nullable(),
    url: z.string().nullable(),
    sent: z.number().min(0).max(100).describe('Percent of the file that has arrived'),
    missing: z
      .record(z.string(), z.string())
      .describe('thumbnail or captions that were left out, and why: quota for example'),
    reason: z.string().nullable(),
    message: z.string().nullable().describe('The same for people'),
  })
  .meta({ id: 'Publication' });

export const video = z
  .strictObject({
    video_id: id,
    subject: z.string().describe('Title of the order, or the beginning of its text'),
    channel_id: z.string(),
    user_id: z.string(),
    status: z.enum(VIDEO_STATUSES),
    paused: z.boolean().describe('Paused alone; the pause of all is in /pipeline/metrics'),
    cancelling: z.boolean().describe('Its end was asked for and is on its way'),
    reason: z.string().nullable().describe('Why it ended as it did'),
    message: z.string().nullable().describe('The same for people'),
    lane: z.enum(LANES).nullable(),
    stage: z.enum(STAGE_NAMES).nullable(),
    progress: z.number().min(0).max(100),
    priority: z.int(),
    complexity: z.enum(COMPLEXITIES),
    estimated_cost: dollars,
    max_cost: dollars.describe('Most US dollars that it may cost'),
    actual_cost: dollars.describe('US dollars spent so far'),
    position: z.int().min(1).nullable().describe('1 = next; null when it does not wait'),
    waiting_for: z
      .string()
      .nullable()
      .describe(
        'While it waits: place, daily_limit, channel_limit, paused, halted, disk, not_before or provider:NAME',
      ),
    eta,
    created_at: time,
    started_at: time.nullable(),
    completed_at: time.nullable(),
    processing_time: z.number().nullable().describe('Seconds from the admission to the end'),
    retry_count: z.int(),
    finished_stages: z
      .array(z.enum(STAGE_NAMES))
      .describe('Those whose results are kept: no retry makes them again unless it begins there'),
    attempts: z.array(attempt).describe('Runs of stages, oldest first, the newest 200'),
    errors: z.array(failure),
    warnings: z
      .array(z.looseObject({ stage: z.enum(STAGE_NAMES), message: z.string() }))
      .describe('What the video survived'),
    providers: z.record(z.string(), z.unknown()).describe('Who made what, and why'),
    artifacts: z.partialRecord(z.enum(ARTIFACT_NAMES), artifact),
    artifacts_expired_at: time.nullable().describe('When the files were removed as too old'),
    publication: publication
      .nullable()
      .describe('Null until it is finished, and where it is not to be published'),
    webhook: z
      .strictObject({
        state: z.enum(WEBHOOK_STATES).describe('waiting until the video has its end'),
        tries: z.int().min(0),
        last_error: z.string().nullable().describe('Why the last try failed'),
      })
      .nullable()
      .describe('Null for an order without webhook_url, and once its record is deleted (RETENTION_DAYS)'),
    links,
  })
  .meta({ id: 'Video' });

const videoLine = video
  .pick({
    video_id: true,
    subject: true,
    channel_id: true,
    user_id: true,
    status: true,
    reason: true,
    priority: true,
    complexity: true,
    lane: true,
    stage: true,
    progress: true,
    position: true,
    waiting_for: true,
    eta: true,
    estimated_cost: true,
    actual_cost: true,
    created_at: true,
    started_at: true,
    completed_at: true,
  })
  .extend({
    stages: z
      .partialRecord(z.enum(STAGE_NAMES), z.enum(['done', 'running']))
      .describe('Those with a stored result, and those that run'),
    paused: z.boolean().describe('By an operator, by itself'),
    max_cost: dollars.describe('US dollars at which it stops'),
  })
  .meta({ id: 'VideoLine' });

export const videoPage = z
  .strictObject({
    videos: z.array(videoLine),
    next_cursor: z.string().nullable().describe('Null on the last page'),
  })
  .meta({ id: 'VideoPage' });

export const count = z.int().min(0);
const places = z.strictObject({ places: count, used: count });

export const metrics = z
  .strictObject({
    paused: z.boolean(),
    halted: z.boolean().describe('Paused by a halt'),
    queue_depth: count,
    processing_count: count,
    total_enqueued: count,
    total_processed: count.describe('Completed'),
    total_failed: count,
    total_cancelled: count,
    lanes: z.strictObject({ gpu: places, cpu: places }),
    cost_today: dollars.describe('US dollars charged since midnight of REPORT_TZ'),
  })
  .meta({ id: 'Metrics' });

export const health = z
  .strictObject({
    status: z.literal('ok'),
    open_videos: z.int().nullable().describe('Videos that are not at their end; null while Postgres is away'),
    watchers: z.int().describe('Open streams'),
  })
  .meta({ id: 'Health' });

export const session = z
  .strictObject({ name: z.string(), scopes: z.array(z.enum(SCOPES)), expires_at: time })
  .meta({ id: 'Session' });

export const problem = z
  .looseObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; see the table of codes'),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
