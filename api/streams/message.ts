import type { PipelineEvent } from '../../domain/events.ts';
import type { VideoView } from '../../infra/video-view.ts';
import type { Links } from '../links.ts';

/** One thing that a stream says, the same JSON by every transport. Events have an id, a snapshot has none. */
export type StreamMessage = Snapshot | PipelineEvent;

/** The row of a video as in the status answer. */
export type Snapshot = { type: 'snapshot' } & VideoView & { links: Links };

/** What a stream says: waits until the client's connection has taken each message; ends when the signal aborts. */
export type Feed = (tell: (message: StreamMessage) => Promise<void>, signal: AbortSignal) => Promise<void>;
