import { type ErrorKind, StageError } from '../domain/errors.ts';

interface Thrown {
  name?: string;
  code?: unknown;
  message?: string;
}

/** Postgres: connection lost (08), no resources (53), shutting down or starting (57P), its own disk (58). */
const POSTGRES_AWAY = /^(08|53|57P|58)/;
/** Postgres: rolled back for another transaction's sake (40), a lock or a statement that took too long. */
const POSTGRES_BUSY = /^(40|55P03|57014)/;
const SOCKET_FAILED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** No room, a quota, a store that is mounted read-only or fails, too many open files. */
const DISK_FAILED = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'ESTALE', 'EMFILE', 'ENFILE']);
/** node-postgres tells of a lost connection, and of an answer that did not come, by message alone. */
const POOL_AWAY =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Query read timeout)/;
const REDIS_ERRORS = new Set(['MaxRetriesPerRequestError', 'ReplyError', 'ConnectionTimeoutError']);
const REDIS_AWAY = /^(Connection is closed|Stream isn't writeable|Command timed out)/;

/** What a thrown thing means, first match wins. Code that knows better throws a StageError itself. */
const RULES: readonly { kind: ErrorKind; matches: (thrown: Thrown) => boolean }[] = [
  { kind: 'infrastructure', matches: ({ code }) => isText(code) && POSTGRES_AWAY.test(code) },
  { kind: 'infrastructure', matches: ({ code }) => isText(code) && POSTGRES_BUSY.test(code) },
  { kind: 'infrastructure', matches: ({ code }) => DISK_FAILED.has(String(code)) },
  { kind: 'infrastructure', matches: ({ message = '' }) => POOL_AWAY.test(message) },
  { kind: 'infrastructure', matches: ({ name = '' }) => REDIS_ERRORS.has(name) },
  { kind: 'infrastructure', matches: ({ message = '' }) => REDIS_AWAY.test(message) },
  // A provider is called with fetch, which wraps the socket's error; a bare one is our own server's.
  { kind: 'infrastructure', matches: ({ code }) => SOCKET_FAILED.has(String(code)) },
  { kind: 'connection', matches: ({ name, message }) => name === 'TypeError' && message === 'fetch failed' },
  { kind: 'connection', matches: ({ name, message }) => name === 'TypeError' && message === 'terminated' },
  { kind: 'timeout', matches: ({ name = '' }) => name === 'TimeoutError' || name === 'AbortError' },
];

/** The one place that decides what kind of failure a thrown thing is; a StageError stays itself. */
export function classifyError(thrown: unknown): StageError {
  if (thrown instanceof StageError) return thrown;
  const kind = RULES.find((rule) => rule.matches((thrown ?? {}) as Thrown))?.kind ?? 'bug';
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new StageError(kind, message, { cause: thrown });
}

/** What a program's standard error says that its failure means, first match wins. */
const CHILD_RULES: readonly { kind: ErrorKind; says: RegExp }[] = [
  { kind: 'gpu_out_of_memory', says: /CUDA_ERROR_OUT_OF_MEMORY|OpenEncodeSessionEx failed: out of memory/ },
  { kind: 'infrastructure', says: /No space left on device|Disk quota exceeded|Read-only file system/i },
  // Another build of ffmpeg mends it, and no other attempt.
  { kind: 'infrastructure', says: /Unknown encoder|Unknown decoder|No such filter|Encoder not found/ },
];

/** The kind of a failed program's failure; `process_failed` where it names nothing that is known. */
export function classifyChild(stderr: string): ErrorKind {
  return CHILD_RULES.find(({ says }) => says.test(stderr))?.kind ?? 'process_failed';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
