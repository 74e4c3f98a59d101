import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { callerOf } from '../access/caller.ts';
import type { StreamPlaces } from '../access/stream-places.ts';
import type { ApiDeps } from '../app.ts';
import type { Feed } from './message.ts';
import { runStream } from './run-stream.ts';
import { overServerSentEvents } from './server-sent-events.ts';
import { overWebSocket } from './web-socket.ts';

/**
 * Answers with the feed, as a WebSocket to a client that asks for one and as Server-Sent Events to the others. Holds
 * one of the stream places until it is over; throws a ProblemError when there is none.
 */
export function openStream(deps: ApiDeps, places: StreamPlaces, context: Context, feed: Feed): Response {
  // Nobody would read that body, so nothing would ever end it.
  if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
  const release = places.take(callerOf(context));
  const socket = accept(deps, context, release);
  if (socket) {
    void runStream(deps, context.req.path, overWebSocket(socket), feed).finally(release);
    return RESPONSE_ALREADY_SENT;
  }
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, (out) =>
    runStream(deps, context.req.path, overServerSentEvents(context, out), feed).finally(release),
  );
}

function accept({ upgrades }: ApiDeps, context: Context, release: () => void) {
  try {
    return upgrades?.accept(context) ?? null;
  } catch (error) {
    release();
    throw error;
  }
}
