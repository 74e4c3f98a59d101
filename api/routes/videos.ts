import type { Handler } from 'hono';
import { z } from 'zod';
import { COMPLEXITIES, VIDEO_STATUSES } from '../../domain/video.ts';
import { LIST_ORDERS, type ListOrder, type ListPlace, listVideos } from '../../infra/views/video-list.ts';
import type { ApiDeps } from '../app.ts';
import { label } from '../labels.ts';
import { checked } from '../read-body.ts';

const MAX_PAGE = 500;
const fields = z.strictObject({
  status: z.enum(VIDEO_STATUSES).optional(),
  channel_id: label.optional(),
  user_id: label.optional(),
  complexity: z.enum(COMPLEXITIES).optional(),
  id_prefix: z
    .string()
    .toLowerCase()
    .refine(beginsId, 'must be the first 8 characters of an id, or more')
    .optional()
    .describe('Videos whose id begins so'),
  order: z
    .enum(LIST_ORDERS)
    .default('newest')
    .describe('position is that of the queue, the next one to be made first, and only for status=queued'),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Videos on a page'),
  cursor: z
    .string()
    .refine((cursor) => placeOf(cursor) !== null, 'must be next_cursor of an answer')
    .optional()
    .describe('next_cursor of the page before'),
});

export const videosQuery = fields
  .refine(({ order, status }) => order === 'newest' || status === 'queued', {
    path: ['order'],
    message: 'position is only for status=queued',
  })
  .refine(({ cursor, order }) => cursor === undefined || isOf(placeOf(cursor), order), {
    path: ['cursor'],
    message: 'is of a list in the other order',
  });

const ID_SHAPE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function beginsId(text: string): boolean {
  const rest = '00000000-0000-0000-0000-000000000000'.slice(text.length);
  return text.length >= 8 && ID_SHAPE.test(text + rest);
}

function isOf(place: ListPlace | null, order: ListOrder): boolean {
  return (place?.score != null) === (order === 'position');
}

/** GET /pipeline/videos: a page; videos that are ordered meanwhile do not shift the next one. */
export function videosRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { order, limit, cursor, ...filter } = checked(videosQuery, context.req.query());
    const after = cursor === undefined ? null : placeOf(cursor);
    const { videos, next } = await listVideos(deps, filter, { order, limit, after });
    const body = { videos, next_cursor: next && cursorOf(next) };
    return context.json(body, 200, { 'cache-control': 'no-store' });
  };
}

function cursorOf({ score, micros, id }: ListPlace): string {
  const place = score === null ? [micros, id] : [score, micros, id];
  return Buffer.from(place.join('.')).toString('base64url');
}

const PLACE = /^(?:(-?\d{1,20})\.)?(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function placeOf(cursor: string): ListPlace | null {
  const [, score = null, micros, id] = PLACE.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return micros !== undefined && id !== undefined ? { score, micros, id } : null;
}
