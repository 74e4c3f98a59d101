import type { Handler } from 'hono';
import { z } from 'zod';
import { MIN_CAP } from '../../domain/budget.ts';
import { MAX_PRIORITY, MIN_PRIORITY } from '../../domain/order-limits.ts';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { changeVideo } from '../../infra/moves/change.ts';
import { deleteVideo } from '../../infra/moves/delete.ts';
import { MoveError } from '../../infra/moves/move.ts';
import { emergencyHalt, pauseAll, pauseVideo, resumeAll, resumeVideo } from '../../infra/moves/pause.ts';
import { publishVideo } from '../../infra/moves/publish.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { callerOf } from '../access/caller.ts';
import type { ApiDeps } from '../app.ts';
import { dollarsFrom } from '../dollars.ts';
import { type ProblemCode, ProblemError } from '../errors.ts';
import { linksOf } from '../links.ts';
import { futureTime } from '../order-schema.ts';
import { checked, invalidRequest, readOptionalBody } from '../read-body.ts';
import { absentVideo, noSuchVideo, videoIdOf, wasDeleted } from '../video-id.ts';

/** A body is not needed: `{}` and nothing are the same. */
export const moveRequest = z.strictObject({});
export const retryRequest = z.strictObject({
  from_stage: z.enum(STAGE_NAMES).optional().describe('Drops the results of this stage and the later ones'),
});
export const changeRequest = z
  .strictObject({
    priority: z.int().min(MIN_PRIORITY).max(MAX_PRIORITY).optional().describe('The highest is first'),
    max_cost: dollarsFrom(MIN_CAP)
      .optional()
      .describe('Most US dollars that it may cost: not below what is spent, not above COST_CEILING_USD'),
  })
  .refine((change) => Object.keys(change).length > 0, 'priority or max_cost is needed');

export const publishRequest = z.strictObject({
  publish_at: futureTime
    .optional()
    .describe('When YouTube makes it public; else it is as before, or private'),
  upload_again: z
    .boolean()
    .optional()
    .describe('Uploads anew what may have arrived already (publication_doubtful)'),
});

type Move<T> = (deps: ApiDeps, videoId: string, who: string, request: T) => Promise<void>;

/** One move of one video; answers the video as it is then. Asking twice is asking once. */
function moveRoute<T>(deps: ApiDeps, schema: z.ZodType<T>, move: Move<T>): Handler {
  return async (context) => {
    const id = videoIdOf(context);
    const request = checked(schema, await readOptionalBody(context));
    await move(deps, id, callerOf(context).name, request).catch(refuse);
    const video = await readVideo(deps, id);
    if (!video) throw await absentVideo(deps, id);
    return context.json({ ...video, links: linksOf(deps.config, id) });
  };
}

export const cancelRoute = (deps: ApiDeps) => moveRoute(deps, moveRequest, cancelVideo);
export const pauseRoute = (deps: ApiDeps) => moveRoute(deps, moveRequest, pauseVideo);
export const resumeRoute = (deps: ApiDeps) => moveRoute(deps, moveRequest, resumeVideo);
export const retryRoute = (deps: ApiDeps) =>
  moveRoute(deps, retryRequest, (_, id, who, { from_stage }) =>
    retryVideo(deps, id, who, from_stage ?? null),
  );
export const publishRoute = (deps: ApiDeps) => moveRoute(deps, publishRequest, publishVideo);
export const changeRoute = (deps: ApiDeps) => moveRoute(deps, changeRequest, changeVideo);

/** DELETE /pipeline/videos/{id}: an ended video goes, with its files; again is the same. */
export function deleteRoute(deps: ApiDeps): Handler {
  return async (context) => {
    checked(moveRequest, await readOptionalBody(context));
    await deleteVideo(deps, videoIdOf(context), callerOf(context).name).catch(refuse);
    return context.body(null, 204);
  };
}

/** A move of the whole pipeline; `status` is what it is now. */
function pipelineRoute(status: string, move: (who: string) => Promise<string>): Handler {
  return async (context) => {
    checked(moveRequest, await readOptionalBody(context));
    return context.json({ status, message: await move(callerOf(context).name) });
  };
}

export const pauseAllRoute = (deps: ApiDeps) =>
  pipelineRoute('paused', async (who) => {
    await pauseAll(deps, who);
    return 'Running stages finish, nothing new starts; orders are taken and wait.';
  });

export const resumeAllRoute = (deps: ApiDeps) =>
  pipelineRoute('running', async (who) => {
    await resumeAll(deps, who);
    return 'Production goes on; videos that were paused alone stay paused.';
  });

export const haltRoute = (deps: ApiDeps) =>
  pipelineRoute('halted', async (who) => {
    const count = await emergencyHalt(deps, who);
    return `${count} open videos are being cancelled; later orders wait until the pipeline is resumed.`;
  });

function refuse(error: unknown): never {
  if (!(error instanceof MoveError)) throw error;
  if (error.code === 'not_found') throw noSuchVideo();
  if (error.code === 'deleted') throw wasDeleted();
  if (error.code === 'above_ceiling' || error.code === 'below_spent') {
    throw invalidRequest([{ field: 'max_cost', message: error.message }]);
  }
  if (error.code === 'expired') throw new ProblemError(410, 'artifact_expired', sentence(error));
  throw new ProblemError(409, CONFLICTS[error.code], sentence(error));
}

/** What the state of a video does not allow. */
const CONFLICTS = {
  publishing: 'video_publishing',
  cap_reached: 'cap_reached',
  not_open: 'video_ended',
  not_ended: 'video_not_ended',
  not_completed: 'video_not_completed',
  already_published: 'already_published',
  doubtful: 'publication_doubtful',
  not_connected: 'channel_not_connected',
} as const satisfies Partial<Record<MoveError['code'], ProblemCode>>;

function sentence({ message }: Error): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
