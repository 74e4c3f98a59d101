import type { Context, Handler } from 'hono';
import { z } from 'zod';
import { readChannel, setChannelLimit } from '../../infra/money/channels.ts';
import { callerOf } from '../access/caller.ts';
import type { ApiDeps } from '../app.ts';
import { dollarsFrom } from '../dollars.ts';
import { label } from '../labels.ts';
import { checked, readJsonBody } from '../read-body.ts';

export const channelPath = z.strictObject({ channel_id: label });
export const channelRequest = z.strictObject({
  daily_limit: dollarsFrom(0)
    .nullable()
    .describe('Most US dollars that its videos may cost in a day; null for no limit of its own'),
});

/** GET /channels/{channel_id}: its limit, and what counts against it today. */
export function channelRoute(deps: ApiDeps): Handler {
  return async (context) => answer(deps, context, channelOf(context));
}

/** PUT /channels/{channel_id}: sets its limit; what has room then goes into production. */
export function setChannelRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const channelId = channelOf(context);
    const { daily_limit } = checked(channelRequest, await readJsonBody(context));
    await setChannelLimit(deps, channelId, callerOf(context).name, daily_limit);
    return answer(deps, context, channelId);
  };
}

/** The channel in the path; throws a ProblemError `invalid_request`. */
export function channelOf(context: Context): string {
  return checked(channelPath, { channel_id: context.req.param('channel_id') }).channel_id;
}

async function answer(deps: ApiDeps, context: Context, channelId: string): Promise<Response> {
  return context.json(await readChannel(deps, channelId), 200, { 'cache-control': 'no-store' });
}
