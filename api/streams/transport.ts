import type { StreamMessage } from './message.ts';

/** Why a stream is over: its story is told, the API stops, the client went or did not read, or a defect. */
export type Ending = 'told' | 'stopping' | 'gone' | 'slow' | 'failed';

/** One client's connection, by Server-Sent Events or WebSocket. */
export interface Transport {
  /** Aborts when the client has gone. */
  gone: AbortSignal;
  /** Resolves once the connection has taken the message and has room again. */
  send(message: StreamMessage): Promise<void>;
  /** Shows that the stream lives; settles like `send`. */
  ping(): Promise<void>;
  /** Ends politely; resolves once the client has everything. */
  end(ending: Ending): Promise<void>;
  /** Ends at once, and what is unsent is lost. */
  cut(): void;
}
