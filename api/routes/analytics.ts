import type { Context, Handler } from 'hono';
import { z } from 'zod';
import { readChannelStatistics } from '../../infra/analytics/channel-view.ts';
import { collectNow } from '../../infra/analytics/collect-now.ts';
import { readDaily } from '../../infra/analytics/daily.ts';
import { readFailures } from '../../infra/analytics/failures.ts';
import { findChannel } from '../../infra/analytics/known-channels.ts';
import { readWindow, WINDOWS } from '../../infra/analytics/window.ts';
import { readUnits } from '../../infra/publish/quota.ts';
import { channelTable, dayTable, windowTable } from '../analytics-tables.ts';
import type { ApiDeps } from '../app.ts';
import { answerCsv, wantsCsv } from '../csv.ts';
import { ProblemError } from '../errors.ts';
import { moment } from '../moments.ts';
import { checked, readOptionalBody } from '../read-body.ts';
import { channelOf } from './channels.ts';
import { moveRequest } from './moves.ts';

const format = z.enum(['json', 'csv']).optional().describe('Goes before what Accept asks for');
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

export const seriesQuery = z
  .strictObject({
    from: moment.optional().describe('A time, or a day of REPORT_TZ; 30 days before `to` when left out'),
    to: moment.optional().describe('A time, or a day of REPORT_TZ, which is included; now when left out'),
    format,
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to) + DAY_MS, {
    path: ['from'],
    message: 'must not be after `to`',
  })
  .refine(({ from, to }) => !from || end(to) - Date.parse(from) <= (MAX_DAYS + 1) * DAY_MS, {
    path: ['from'],
    message: `must be at most ${MAX_DAYS} days before \`to\``,
  });

export const windowQuery = z.strictObject({
  window: z.enum(WINDOWS).default('1day').describe('Back from now'),
  format,
});

export const daysQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(MAX_DAYS).default(30).describe('Today and the days before it'),
  format,
});

function end(to: string | undefined): number {
  return to === undefined ? Date.now() : Date.parse(to);
}

const NO_STORE = { 'cache-control': 'no-store' };

/** GET /analytics/channels/{channel_id}: what YouTube told of it, last and over time. */
export function channelStatisticsRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const channelId = channelOf(context);
    const { from = null, to = null, format } = checked(seriesQuery, context.req.query());
    const view = await readChannelStatistics(deps, channelId, { from, to });
    if (!view) {
      throw new ProblemError(
        404,
        'channel_not_found',
        'There is no channel of this name, and no statistics of one.',
      );
    }
    if (wantsCsv(context, format)) return answerCsv(context, 'channel', channelTable(view));
    return context.json(view, 200, NO_STORE);
  };
}

/** POST /analytics/channels/{channel_id}/collect: asks YouTube now. */
export function collectRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const channel_id = channelOf(context);
    checked(moveRequest, await readOptionalBody(context));
    await requireCollectable(deps, channel_id);
    const workflow_id = await collectNow(deps, channel_id).catch((error: unknown) => {
      deps.log.warn({ err: error, channel_id }, 'a collection of statistics was not started');
      throw new ProblemError(503, 'temporal_away', 'Temporal cannot be reached; try again in some seconds.', {
        headers: { 'retry-after': '5' },
      });
    });
    return context.json({ channel_id, status: 'collecting', workflow_id }, 202, NO_STORE);
  };
}

async function requireCollectable(deps: ApiDeps, channelId: string): Promise<void> {
  if (deps.config.youtube.statisticsMs === null) {
    const detail = 'Set YOUTUBE_API_KEY for the API and the workers, then start them again.';
    throw new ProblemError(409, 'statistics_off', detail);
  }
  if ((await findChannel(deps.pool, channelId)).youtube_id === null) {
    const detail = `"${channelId}" is no id of YouTube (UC and 22 more characters): use one, or connect its account with "npm run ytempire -- youtube connect --channel ${channelId}".`;
    throw new ProblemError(409, 'channel_not_connected', detail);
  }
  const { exhausted, used, limit, resets_at } = await readUnits(deps);
  if (exhausted || used >= limit) {
    const detail = `The units of YouTube's allowance are used up until ${resets_at}.`;
    const seconds = Math.ceil((Date.parse(resets_at) - Date.now()) / 1000);
    throw new ProblemError(429, 'statistics_quota', detail, { headers: { 'retry-after': String(seconds) } });
  }
}

/** GET /analytics/metrics: the videos of a window, what failed and what they cost. */
export function windowRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { window, format } = checked(windowQuery, context.req.query());
    const metrics = await readWindow(deps, window);
    if (wantsCsv(context, format)) return answerCsv(context, `metrics-${window}`, windowTable(metrics));
    return context.json({ ...metrics, failures: await readFailures(deps, metrics) }, 200, NO_STORE);
  };
}

/** GET /pipeline/metrics/daily: now, the last hour and day, revenue, and one entry per day of REPORT_TZ, today first. */
export function dailyRoute(deps: ApiDeps): Handler {
  return async (context: Context) => {
    const { days, format } = checked(daysQuery, context.req.query());
    const daily = await readDaily(deps, days);
    if (wantsCsv(context, format)) return answerCsv(context, 'days', dayTable(daily.days));
    return context.json(daily, 200, NO_STORE);
  };
}
