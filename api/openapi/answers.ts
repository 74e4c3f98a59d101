import { z } from 'zod';
import { LANES } from '../../domain/lanes.ts';
import { STAGES } from '../../domain/stages.ts';
import { ARTIFACT_NAMES, COMPLEXITIES, VIDEO_STATUSES } from '../../domain/video.ts';
import { SCOPES } from '../../infra/api-keys.ts';

/** Bodies of the answers, for the OpenAPI document; the tests hold real answers against them. */

const dollars = z.number().min(0).describe('US dollars');
const time = z.iso.datetime().describe('ISO 8601, UTC');
const id = z.uuid();

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
    estimated_time: z.number().describe('Seconds'),
    links,
  })
  .meta({ id: 'Accepted' });

const artifact = z.strictObject({ url: z.string(), bytes: z.int(), sha256: z.string() });

export const pipelineState = z
  .strictObject({ status: z.enum(['paused', 'running', 'halted']), message: z.string() })
  .meta({ id: 'PipelineState' });

export const video = z
  .strictObject({
    video_id: id,
    status: z.enum(VIDEO_STATUSES),
    reason: z.string().nullable().describe('Why it ended as it did'),
    message: z.string().nullable().describe('The same for people'),
    lane: z.enum(LANES).nullable(),
    stage: z.enum(Object.keys(STAGES)).nullable(),
    progress: z.number().min(0).max(100),
    priority: z.int(),
    complexity: z.enum(COMPLEXITIES),
    estimated_cost: dollars,
    actual_cost: dollars.describe('US dollars spent so far'),
    position: z.int().min(1).nullable().describe('1 = next; null when it does not wait'),
    waiting_for: z.string().nullable(),
    eta: time.nullable(),
    created_at: time,
    started_at: time.nullable(),
    completed_at: time.nullable(),
    processing_time: z.number().nullable().describe('Seconds from the admission to the end'),
    retry_count: z.int(),
    errors: z.array(z.looseObject({})),
    warnings: z.array(z.looseObject({})),
    providers: z.record(z.string(), z.unknown()).describe('Who made what, and why'),
    artifacts: z.partialRecord(z.enum(ARTIFACT_NAMES), artifact),
    links,
  })
  .meta({ id: 'Video' });

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
