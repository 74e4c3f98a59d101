import { z } from 'zod';
import type { ProblemCode } from '../errors.ts';
import { batchSchema, orderSchema } from '../order-schema.ts';
import { changeRequest, moveRequest, retryRequest } from '../routes/moves.ts';
import { sessionRequest } from '../routes/session.ts';
import { videosQuery } from '../routes/videos.ts';
import { resumeQuery } from '../streams/resume.ts';
import { ANALYTICS_ROUTES } from './analytics-routes.ts';
import {
  accepted,
  acceptedBatch,
  catalogue,
  dryBatch,
  dryRun,
  health,
  pipelineState,
  session,
  video,
  videoPage,
} from './answers.ts';
import { COST_ROUTES } from './cost-routes.ts';
import { MEDIA_ROUTES } from './media-routes.ts';
import { METRIC_ROUTES } from './metric-routes.ts';
import { PAGE_ROUTES } from './page-routes.ts';
import { PROVIDER_ROUTES } from './provider-routes.ts';
import { RESOURCE_ROUTES } from './resource-routes.ts';
import type { RouteDoc } from './route-doc.ts';

/** A move of one video: its path, and the video as the answer. */
function move(name: string, summary: string) {
  const answers = { 200: { description: 'The video as it is then', body: video } };
  const path = `/pipeline/videos/:id${name && `/${name}`}`;
  const problems: ProblemCode[] = ['invalid_json', 'invalid_request'];
  return {
    method: 'POST',
    path,
    scope: 'control',
    tag: 'Videos',
    summary,
    body: moveRequest,
    answers,
    problems,
  } as const;
}

/** A move of the whole pipeline. */
function pipelineMove(path: string, summary: string) {
  const answers = { 200: { description: 'What the pipeline is now', body: pipelineState } };
  const problems: ProblemCode[] = ['invalid_json', 'invalid_request'];
  return {
    method: 'POST',
    path,
    scope: 'control',
    tag: 'Pipeline',
    summary,
    body: moveRequest,
    answers,
    problems,
  } as const;
}

/** A stream, by either transport. */
function followed(until: string) {
  const problems: ProblemCode[] = ['invalid_handshake', 'too_many_streams', 'streams_full'];
  return {
    query: resumeQuery,
    headers: {
      'Last-Event-ID': 'Id of the last event that was received; it goes before last_event_id',
      Upgrade: '`websocket` for the same as text frames of JSON',
    },
    answers: {
      200: { description: `Events ${until}`, body: ['text/event-stream'] },
      101: { description: 'The same as a WebSocket, to a request that asks for one' },
    },
    problems,
  };
}

const REQUEST_KEY = {
  'Idempotency-Key':
    'Up to 200 visible characters. For a week the same key and body again answer what they answered first, with Idempotent-Replayed: true, and queue nothing',
};
const ORDER_PROBLEMS: ProblemCode[] = [
  'invalid_json',
  'invalid_order',
  'invalid_request',
  'idempotency_conflict',
  'queue_full',
];

/**
 * Every route of the API: app.ts gives each its handler, by the same names. A route that is not here cannot be
 * mounted, and one that is here must be.
 */
export const ROUTES = {
  queue: {
    method: 'POST',
    path: '/pipeline/queue',
    scope: 'submit',
    tag: 'Videos',
    summary: 'Order a video',
    description: 'The order is in Postgres before the answer is sent and is not lost from then on.',
    body: orderSchema,
    headers: REQUEST_KEY,
    answers: {
      202: { description: 'Accepted', body: accepted },
      200: { description: 'A dry run: what would have been accepted', body: dryRun },
    },
    problems: ORDER_PROBLEMS,
  },
  batch: {
    method: 'POST',
    path: '/pipeline/batch',
    scope: 'submit',
    tag: 'Videos',
    summary: 'Order up to 100 videos, all or none',
    description: 'Refused as a whole when one order is wrong, or when they do not all fit into the queue.',
    body: batchSchema,
    headers: REQUEST_KEY,
    answers: {
      202: { description: 'Accepted, in the order of the list', body: acceptedBatch },
      200: { description: 'A dry run: what would have been accepted', body: dryBatch },
    },
    problems: ORDER_PROBLEMS,
  },
  catalogue: {
    method: 'GET',
    path: '/catalogue',
    scope: 'read',
    tag: 'Videos',
    summary: 'List what an order may choose from',
    answers: { 200: { description: 'Names for the fields voice and music', body: catalogue } },
  },
  videos: {
    method: 'GET',
    path: '/pipeline/videos',
    scope: 'read',
    tag: 'Videos',
    summary: 'List videos, newest first',
    query: videosQuery,
    answers: { 200: { description: 'A page', body: videoPage } },
    problems: ['invalid_request'],
  },
  status: {
    method: 'GET',
    path: '/pipeline/status/:id',
    scope: 'read',
    tag: 'Videos',
    summary: 'Look at a video',
    answers: { 200: { description: 'The video as Postgres has it', body: video } },
  },
  stream: {
    method: 'GET',
    path: '/pipeline/stream/:id',
    scope: 'read',
    tag: 'Videos',
    summary: 'Follow a video',
    description:
      'A snapshot of the row, the past events after last_event_id or Last-Event-ID, then live ones, without a gap. ' +
      "It ends after the video's last event. The events are described in docs/events.md.",
    ...followed('until the video has ended'),
  },
  pipelineStream: {
    method: 'GET',
    path: '/pipeline/stream',
    scope: 'read',
    tag: 'Pipeline',
    summary: 'Follow all videos',
    description:
      'What happens from now on, or after last_event_id or Last-Event-ID while that is among the newest 10,000 events.',
    ...followed('until the client goes'),
  },
  artifact: {
    method: 'GET',
    path: '/pipeline/videos/:id/artifacts/:name',
    scope: 'read',
    tag: 'Videos',
    summary: 'Download a file of a finished video',
    description: 'The ETag is the sha256 of the file.',
    headers: { Range: 'One range of bytes', 'If-None-Match': 'ETag of the file that you have' },
    answers: {
      200: {
        description: 'The file',
        body: ['video/mp4', 'application/x-subrip', 'text/vtt', 'image/jpeg', 'application/json'],
      },
      206: { description: 'The part that Range asked for' },
      304: { description: 'You have this file already' },
    },
    problems: [
      'artifact_not_found',
      'artifact_damaged',
      'artifact_expired',
      'range_not_satisfiable',
      'store_away',
    ],
  },
  cancel: {
    ...move('cancel', 'Cancel a video'),
    description: 'Durable before Temporal hears of it. A video that has ended stays as it is.',
  },
  pause: {
    ...move('pause', 'Pause a video'),
    description: 'It gives its place back at its next border and is not admitted until it is resumed.',
    problems: ['invalid_json', 'invalid_request', 'video_ended'],
  },
  resume: {
    ...move('resume', 'Resume a paused video'),
    problems: ['invalid_json', 'invalid_request', 'video_ended'],
  },
  retry: {
    ...move('retry', 'Make an ended video again'),
    description: 'From the stage where it failed, or from a named one; finished stages are not paid again.',
    body: retryRequest,
    problems: ['invalid_json', 'invalid_request', 'video_not_ended', 'cap_reached'],
  },
  change: {
    ...move('', 'Change a video'),
    method: 'PATCH',
    description:
      'A waiting video moves in the queue and keeps its time of waiting. A new cap counts from the next hold or ' +
      'stage on; a video that ended at its cap can be retried once the cap has room for its next stage.',
    body: changeRequest,
    problems: ['invalid_json', 'invalid_request', 'video_ended'],
  },
  delete: {
    ...move('', 'Delete a video and its files'),
    method: 'DELETE',
    description:
      'Only when it has ended: cancel it first. Its order, script, results, files, events and the uploads that no ' +
      'other video names go for good; what it cost stays in the ledger and the move in the audit log. Again is the same.',
    answers: { 204: { description: 'It is gone, or was before' } },
    problems: ['invalid_json', 'invalid_request', 'video_not_ended', 'video_publishing'],
  },
  pauseAll: {
    ...pipelineMove('/pipeline/pause', 'Pause the pipeline'),
    description: 'Running stages finish, nothing new starts; orders are taken and wait.',
  },
  resumeAll: pipelineMove('/pipeline/resume', 'Resume the pipeline'),
  halt: {
    ...pipelineMove('/pipeline/emergency/halt', 'Halt everything'),
    description: 'Pauses the pipeline and cancels every open video.',
  },
  ...METRIC_ROUTES,
  ...ANALYTICS_ROUTES,
  ...COST_ROUTES,
  ...MEDIA_ROUTES,
  ...PROVIDER_ROUTES,
  ...RESOURCE_ROUTES,
  session: {
    method: 'POST',
    path: '/session',
    scope: 'open',
    tag: 'Access',
    summary: 'Swap a key for a session cookie',
    description:
      'For web pages of this API: the cookie is HttpOnly and SameSite=Strict and lives for 12 hours. With it, calls ' +
      'that change something must come from a page of this API.',
    body: sessionRequest,
    answers: { 200: { description: 'The cookie is set', body: session } },
    problems: ['invalid_json', 'invalid_request', 'key_unknown', 'no_keys'],
  },
  ...PAGE_ROUTES,
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    scope: 'open',
    tag: 'Access',
    summary: 'Read this description',
    answers: { 200: { description: 'OpenAPI 3.1', body: z.looseObject({ openapi: z.string() }) } },
  },
  docs: {
    method: 'GET',
    path: '/docs',
    scope: 'open',
    tag: 'Access',
    summary: 'Read this description as a page',
    answers: { 200: { description: 'The page; it loads nothing else', body: ['text/html'] } },
  },
  health: {
    method: 'GET',
    path: '/health',
    scope: 'open',
    tag: 'Health',
    summary: 'Ask whether the API answers',
    answers: { 200: { description: 'It does', body: health } },
  },
} as const satisfies Record<string, RouteDoc>;

export type RouteName = keyof typeof ROUTES;

/** The same, without the literal types. */
export const ROUTE_LIST: readonly RouteDoc[] = Object.values(ROUTES);
