import { pino } from 'pino';

/** One JSON logger per process; children carry the video's id. Keys never hold secrets. */
export type Logger = pino.Logger;

/** Writes to standard error, so that standard output stays free for a command's own answer. */
export function createLogger(level: string, name: string): Logger {
  return pino({ level, name, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
}
