import type { PipelineEvent } from '../../../domain/events.ts';
import { sayEvent, type Tone } from '../event-words.ts';

/** The log keeps so many lines; older ones are in the database. */
export const LOG_LINES = 300;

export interface LogLine {
  /** Of the event. */
  id: string;
  at: string;
  text: string;
  tone: Tone;
}

/** The log with one event more: newest last, never one twice, and never longer than {@link LOG_LINES}. */
export function withEvent(log: readonly LogLine[], event: PipelineEvent): readonly LogLine[] {
  const said = sayEvent(event);
  if (!said || log.some(({ id }) => id === event.id)) return log;
  return [...log, { id: event.id, at: event.at, ...said }].slice(-LOG_LINES);
}
