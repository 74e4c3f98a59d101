import type { Context } from 'hono';
import { ProblemError } from './errors.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The path's video id, in lower case; refuses what is no UUID before any store sees it. */
export function videoIdOf(context: Context): string {
  const id = context.req.param('id') ?? '';
  if (!UUID.test(id)) throw new ProblemError(400, 'invalid_id', 'The id of a video is a UUID.');
  return id.toLowerCase();
}

export function noSuchVideo(): ProblemError {
  return new ProblemError(404, 'video_not_found', 'There is no video with this id.');
}
