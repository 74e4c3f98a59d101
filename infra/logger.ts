import { pino } from 'pino';
import type { Hide } from './settings/hide-secrets.ts';

/** One JSON logger per process; children carry the video's id. */
export type Logger = pino.Logger;

/** Where the lines of a log go. */
interface Sink {
  write(line: string): unknown;
}

/**
 * Writes to standard error, so that standard output stays free for a command's own answer. `hide` goes over each
 * whole line: what an error quotes is not known by the name of its field. `fields` are those of the moment.
 */
export function createLogger(
  level: string,
  name: string,
  hide: Hide = (text) => text,
  sink: Sink = pino.destination({ dest: 2, sync: true }),
  fields: () => object = () => ({}),
): Logger {
  return pino(
    { level, name, base: { pid: process.pid }, mixin: fields },
    { write: (line) => void sink.write(hide(line)) },
  );
}
