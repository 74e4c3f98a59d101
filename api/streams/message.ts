import type { PipelineEvent } from '../../domain/events.ts';
import type { VideoView } from '../../infra/views/video-view.ts';
import type { Links } from '../links.ts';

/** One thing that a stream says, the same JSON by every transport. Only events have an id. */
export type StreamMessage = Snapshot | Liveness | PipelineEvent;

/** The row of a video as in the status answer. */
export type Snapshot = { type: 'snapshot' } & VideoView & { links: Links };

/** Whether events come as they happen: told when Redis goes away, and when it is back. */
export interface Liveness {
  type: 'live';
  live: boolean;
}

/** What a stream says: waits until the client's connection has taken each message; ends when the signal aborts. */
export type Feed = (tell: (message: StreamMessage) => Promise<void>, signal: AbortSignal) => Promise<void>;
