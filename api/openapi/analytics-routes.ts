import { daysQuery, seriesQuery, windowQuery } from '../routes/analytics.ts';
import { moveRequest } from '../routes/moves.ts';
import { channelStatistics, collecting, dailyMetrics, windowMetrics } from './analytics-answers.ts';
import type { RouteDoc } from './route-doc.ts';

const AS_CSV = { Accept: '`text/csv` for a table instead of JSON, as does format=csv' };

/** The routes about what the farm does and earns, part of the one table. */
export const ANALYTICS_ROUTES = {
  daily: {
    method: 'GET',
    path: '/pipeline/metrics/daily',
    scope: 'read',
    tag: 'Analytics',
    summary: 'Count videos, cost and revenue per day',
    query: daysQuery,
    headers: AS_CSV,
    answers: {
      200: {
        description: 'Now, the last hour and day, and days of REPORT_TZ',
        body: dailyMetrics,
        table: true,
      },
    },
    problems: ['invalid_request'],
  },
  windowMetrics: {
    method: 'GET',
    path: '/analytics/metrics',
    scope: 'read',
    tag: 'Analytics',
    summary: 'Look at the last hour, day or week',
    description: 'By complexity, channel and provider; the parts add up to the whole.',
    query: windowQuery,
    headers: AS_CSV,
    answers: { 200: { description: 'Videos that ended in the window', body: windowMetrics, table: true } },
    problems: ['invalid_request'],
  },
  channelStatistics: {
    method: 'GET',
    path: '/analytics/channels/:channel_id',
    scope: 'read',
    tag: 'Analytics',
    summary: "Look at a channel's statistics over time",
    query: seriesQuery,
    headers: AS_CSV,
    answers: { 200: { description: 'What YouTube told of it', body: channelStatistics, table: true } },
    problems: ['invalid_request', 'channel_not_found'],
  },
  collect: {
    method: 'POST',
    path: '/analytics/channels/:channel_id/collect',
    scope: 'control',
    tag: 'Analytics',
    summary: "Collect a channel's statistics now",
    description:
      'Of the channel and of its published videos. A channel that YouTube does not know is shown as not_found afterwards.',
    body: moveRequest,
    answers: { 202: { description: 'A workflow asks YouTube', body: collecting } },
    problems: [
      'invalid_json',
      'invalid_request',
      'statistics_off',
      'channel_not_connected',
      'statistics_quota',
      'temporal_away',
    ],
  },
} as const satisfies Record<string, RouteDoc>;
