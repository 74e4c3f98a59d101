import type { Context } from 'hono';
import { z } from 'zod';

const EVENT_ID = /^\d{1,20}-\d{1,20}$/;

/** What a browser can say on a first connection, where it cannot set headers. */
export const resumeQuery = z.object({ last_event_id: z.string().optional() });

/**
 * Id of the last event that the client has, or null. The header is newer than the query: an EventSource that
 * reconnects sends it with the address of its first connection.
 */
export function lastEventIdOf(context: Context): string | null {
  const given = context.req.header('last-event-id') ?? context.req.query('last_event_id') ?? '';
  return EVENT_ID.test(given) ? given : null;
}
