import { z } from 'zod';
import { MEDIA_TYPES } from '../../infra/media/media-type.ts';
import type { RouteDoc } from './route-doc.ts';

const media = z
  .strictObject({
    media_id: z.uuid().describe('For the field media of an order'),
    kind: z.enum(['clip', 'image']),
    width: z.int().describe('Pixels as seen, after rotation'),
    height: z.int(),
    duration_ms: z.int().nullable().describe('Null for an image'),
  })
  .meta({ id: 'Media' });

/** The routes about files that people send, part of the one table. */
export const MEDIA_ROUTES = {
  media: {
    method: 'POST',
    path: '/media',
    scope: 'submit',
    tag: 'Videos',
    summary: 'Send a clip or an image',
    description:
      'The body is the file itself. MP4 and MOV up to 200 MB, JPEG, PNG and WebP up to 25 MB; what the bytes say counts, not the Content-Type. It is removed ARTIFACT_DAYS after its last use, and never while an open order names it.',
    file: MEDIA_TYPES,
    answers: { 201: { description: 'It is kept', body: media } },
    problems: ['invalid_media', 'disk_low', 'store_away'],
  },
} as const satisfies Record<string, RouteDoc>;
