import { channelRequest } from '../routes/channels.ts';
import { chargeRequest, dayQuery } from '../routes/costs.ts';
import { channel, charged, dayCosts, videoCosts } from './cost-answers.ts';
import type { RouteDoc } from './route-doc.ts';

/** The routes about money, part of the one table. */
export const COST_ROUTES = {
  videoCosts: {
    method: 'GET',
    path: '/costs/video/:id',
    scope: 'read',
    tag: 'Costs',
    summary: 'Look at what a video costs',
    answers: { 200: { description: 'Its money by service and by attempt', body: videoCosts } },
  },
  charge: {
    method: 'POST',
    path: '/costs/video/:id',
    scope: 'control',
    tag: 'Costs',
    summary: 'Charge money that was spent elsewhere',
    description:
      'It counts against the cap like any other. The same id again is the same charge. A video that has ended takes ' +
      'it into its ledger, with an alert, and keeps its end.',
    body: chargeRequest,
    answers: { 200: { description: 'It is in the ledger', body: charged } },
    problems: ['invalid_json', 'invalid_request', 'charge_conflict'],
  },
  dayCosts: {
    method: 'GET',
    path: '/costs/daily',
    scope: 'read',
    tag: 'Costs',
    summary: 'Look at what a day costs',
    query: dayQuery,
    answers: { 200: { description: 'Its money by service and by channel', body: dayCosts } },
    problems: ['invalid_request'],
  },
  channel: {
    method: 'GET',
    path: '/channels/:channel_id',
    scope: 'read',
    tag: 'Costs',
    summary: 'Look at the daily limit of a channel',
    answers: { 200: { description: 'The limit, and what counts against it today', body: channel } },
    problems: ['invalid_request'],
  },
  setChannel: {
    method: 'PUT',
    path: '/channels/:channel_id',
    scope: 'control',
    tag: 'Costs',
    summary: 'Set the daily limit of a channel',
    description: 'Videos that would cross it wait; those that have room now go into production at once.',
    body: channelRequest,
    answers: { 200: { description: 'The limit, and what counts against it today', body: channel } },
    problems: ['invalid_json', 'invalid_request'],
  },
} as const satisfies Record<string, RouteDoc>;
