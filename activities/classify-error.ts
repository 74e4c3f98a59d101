import { type ErrorKind, StageError } from '../domain/errors.ts';

interface Thrown {
  name?: string;
  code?: unknown;
  message?: string;
}

/** Postgres: connection lost (08), no resources (53), shutting down (57P). */
const POSTGRES_AWAY = /^(08|53|57P)/;
const SOCKET_FAILED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);
/** node-postgres tells of a lost connection by message alone. */
const POOL_AWAY = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;
const REDIS_ERRORS = new Set(['MaxRetriesPerRequestError', 'ReplyError']);

/** What a thrown thing means, first match wins. Code that knows better throws a StageError itself. */
const RULES: readonly { kind: ErrorKind; matches: (thrown: Thrown) => boolean }[] = [
  { kind: 'infrastructure', matches: ({ code }) => typeof code === 'string' && POSTGRES_AWAY.test(code) },
  { kind: 'infrastructure', matches: ({ code }) => DISK_FULL.has(String(code)) },
  { kind: 'infrastructure', matches: ({ message = '' }) => POOL_AWAY.test(message) },
  { kind: 'infrastructure', matches: ({ name = '' }) => REDIS_ERRORS.has(name) },
  // A provider is called with fetch, which wraps the socket's error; a bare one is our own server's.
  { kind: 'infrastructure', matches: ({ code }) => SOCKET_FAILED.has(String(code)) },
  { kind: 'connection', matches: ({ name, message }) => name === 'TypeError' && message === 'fetch failed' },
  { kind: 'timeout', matches: ({ name = '' }) => name === 'TimeoutError' || name === 'AbortError' },
];

/** The one place that decides what kind of failure a thrown thing is; a StageError stays itself. */
export function classifyError(thrown: unknown): StageError {
  if (thrown instanceof StageError) return thrown;
  const kind = RULES.find((rule) => rule.matches((thrown ?? {}) as Thrown))?.kind ?? 'bug';
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new StageError(kind, message, { cause: thrown });
}
