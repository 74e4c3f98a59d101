import { z } from 'zod';
import { PROVIDER_KINDS } from '../../domain/provider-gate.ts';
import { moveRequest } from '../routes/moves.ts';
import type { RouteDoc } from './route-doc.ts';

const provider = z
  .strictObject({
    name: z.string().describe('As in waiting_for and in the path of its resume'),
    kind: z.enum(PROVIDER_KINDS),
    state: z.enum(['open', 'closed']),
    reason: z.string().nullable().describe('Why it is closed'),
    closed_until: z.iso
      .datetime()
      .nullable()
      .describe('When one video tries it again; null while it is open, or closed until it is resumed'),
  })
  .meta({ id: 'Provider' });

/** The routes about services that videos depend on, part of the one table. */
export const PROVIDER_ROUTES = {
  providers: {
    method: 'GET',
    path: '/providers',
    scope: 'read',
    tag: 'Pipeline',
    summary: 'List services and whether they are closed',
    description:
      'Those that the workers are configured to use; what is made on the machine itself has no gate.',
    answers: { 200: { description: 'All of them', body: z.array(provider) } },
  },
  resumeProvider: {
    method: 'POST',
    path: '/providers/:provider/resume',
    scope: 'control',
    tag: 'Pipeline',
    summary: 'Open a closed service',
    description: 'After its key or balance was mended. The videos that wait for it go on.',
    body: moveRequest,
    answers: { 200: { description: 'The service as it is then', body: provider } },
    problems: ['invalid_json', 'invalid_request', 'provider_not_found'],
  },
} as const satisfies Record<string, RouteDoc>;
