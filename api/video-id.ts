import type { Context } from 'hono';
import type { Deps } from '../infra/deps.ts';
import { isDeleted } from '../infra/views/deleted-videos.ts';
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

export function wasDeleted(): ProblemError {
  const detail = 'The video was deleted; what it cost stays in the ledger.';
  return new ProblemError(410, 'video_deleted', detail);
}

/** Why a video is not shown: it was deleted, or there never was one. */
export async function absentVideo(deps: Pick<Deps, 'pool'>, id: string): Promise<ProblemError> {
  return (await isDeleted(deps.pool, id)) ? wasDeleted() : noSuchVideo();
}
