import type { ProblemCode } from '../errors.ts';
import { resumeQuery } from '../streams/resume.ts';
import type { RouteDoc } from './route-doc.ts';

/** A stream, by either transport. */
function followed(until: string) {
  const problems: ProblemCode[] = ['invalid_handshake', 'too_many_streams', 'streams_full'];
  return {
    query: resumeQuery,
    headers: {
      'Last-Event-ID': 'Id of the last event that was received; it goes before last_event_id',
      Upgrade: '`websocket` for the same as text frames of JSON',
    },
    answers: {
      200: { description: `Events ${until}`, body: ['text/event-stream'] },
      101: { description: 'The same as a WebSocket, to a request that asks for one' },
    },
    problems,
  };
}

/** The routes of streams, part of the one table. */
export const STREAM_ROUTES = {
  stream: {
    method: 'GET',
    path: '/pipeline/stream/:id',
    scope: 'read',
    tag: 'Videos',
    summary: 'Follow a video',
    description:
      'A snapshot of the row, the past events after last_event_id or Last-Event-ID, then live ones, without a gap. ' +
      "It ends after the video's last event. The events are described in docs/events.md.",
    ...followed('until the video has ended'),
  },
  pipelineStream: {
    method: 'GET',
    path: '/pipeline/stream',
    scope: 'read',
    tag: 'Pipeline',
    summary: 'Follow all videos',
    description:
      'What happens from now on, or after last_event_id or Last-Event-ID while that is among the newest 10,000 events.',
    ...followed('until the client goes'),
  },
} as const satisfies Record<string, RouteDoc>;
