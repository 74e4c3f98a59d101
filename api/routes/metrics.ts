import type { Handler } from 'hono';
import { z } from 'zod';
import { readDays, readMetrics } from '../../infra/views/metrics.ts';
import type { ApiDeps } from '../app.ts';
import { checked } from '../read-body.ts';

const MAX_DAYS = 366;

export const daysQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(MAX_DAYS).default(30).describe('Today and the days before it'),
});

/** GET /pipeline/metrics: counts, places and today's cost. */
export function metricsRoute(deps: ApiDeps): Handler {
  return async (context) => context.json(await readMetrics(deps), 200, { 'cache-control': 'no-store' });
}

/** GET /pipeline/metrics/daily: one entry per UTC day, today first. */
export function dailyRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { days } = checked(daysQuery, context.req.query());
    return context.json({ days: await readDays(deps, days) }, 200, { 'cache-control': 'no-store' });
  };
}
