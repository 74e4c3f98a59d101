import type { Context, ErrorHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../infra/logger.ts';

/** Codes that clients may rely on; the text of `detail` may change. */
export type ProblemCode =
  | 'invalid_json'
  | 'invalid_order'
  | 'invalid_id'
  | 'body_too_large'
  | 'json_required'
  | 'foreign_host'
  | 'foreign_origin'
  | 'not_found'
  | 'video_not_found'
  | 'artifact_not_found'
  | 'artifact_damaged'
  | 'range_not_satisfiable'
  | 'method_not_allowed'
  | 'queue_full'
  | 'unavailable'
  | 'internal';

interface ProblemExtra {
  headers?: Record<string, string>;
  /** Members of the body beside the standard ones. */
  fields?: Record<string, unknown>;
}

/** An answer that is not a success, thrown anywhere in a route. `message` becomes the `detail`. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly status: ContentfulStatusCode;
  readonly code: ProblemCode;
  readonly extra: ProblemExtra;

  constructor(status: ContentfulStatusCode, code: ProblemCode, detail: string, extra: ProblemExtra = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  410: 'Gone',
  413: 'Body too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Unprocessable order',
  429: 'Too many orders',
  500: 'Internal error',
  503: 'Unavailable',
};

/** The answer as application/problem+json (RFC 9457) with a stable `code`. */
export function answerProblem(context: Context, problem: ProblemError): Response {
  const title = TITLES[problem.status] ?? 'Error';
  const body = {
    type: 'about:blank',
    title,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...problem.extra.fields,
  };
  return context.body(JSON.stringify(body), problem.status, {
    ...problem.extra.headers,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
}

/** The one error handler: what is not a ProblemError is logged here and told to nobody else. */
export function createErrorHandler(log: Logger): ErrorHandler {
  return (error, context) => {
    if (error instanceof ProblemError) return answerProblem(context, error);
    log.error({ err: error, method: context.req.method, path: context.req.path }, 'request failed');
    return answerProblem(context, isOutage(error) ? outage() : internal());
  };
}

const OUTAGE_CODES = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|08|53|57P)/;

/** Postgres away, restarting or out of connections: the same call succeeds later. */
function isOutage(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && OUTAGE_CODES.test(code)) return true;
  return typeof message === 'string' && /^(Connection terminated|timeout exceeded)/.test(message);
}

function outage(): ProblemError {
  return new ProblemError(503, 'unavailable', 'The database cannot be reached; try again in some seconds.', {
    headers: { 'retry-after': '5' },
  });
}

function internal(): ProblemError {
  return new ProblemError(500, 'internal', 'The request failed; the cause is in the log of the API.');
}
