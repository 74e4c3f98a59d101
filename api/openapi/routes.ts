import { z } from 'zod';
import type { ProblemCode } from '../errors.ts';
import { batchSchema, orderSchema } from '../order-schema.ts';
import { endSessionRequest, sessionRequest } from '../routes/session.ts';
import { videosQuery } from '../routes/videos.ts';
import { ANALYTICS_ROUTES } from './analytics-routes.ts';
import {
  accepted,
  acceptedBatch,
  catalogue,
  dryBatch,
  dryRun,
  health,
  session,
  video,
  videoPage,
} from './answers.ts';
import { COST_ROUTES } from './cost-routes.ts';
import { MEDIA_ROUTES } from './media-routes.ts';
import { METRIC_ROUTES } from './metric-routes.ts';
import { MOVE_ROUTES } from './move-routes.ts';
import { PAGE_ROUTES } from './page-routes.ts';
import { PROVIDER_ROUTES } from './provider-routes.ts';
import { RESOURCE_ROUTES } from './resource-routes.ts';
import type { RouteDoc } from './route-doc.ts';
import { STREAM_ROUTES } from './stream-routes.ts';

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
  ...STREAM_ROUTES,
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
  ...MOVE_ROUTES,
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
  endSession: {
    method: 'DELETE',
    path: '/session',
    scope: 'open',
    tag: 'Access',
    summary: 'Give the session cookie back',
    description:
      'Signs a web page of this API out: its browser forgets the cookie. Without one it is the same.',
    body: endSessionRequest,
    answers: { 204: { description: 'There is no cookie any more' } },
    problems: ['invalid_json', 'invalid_request'],
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
