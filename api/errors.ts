import type { Context, ErrorHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../infra/logger.ts';

/**
 * Codes that clients may rely on, each with its one status and when it comes; the text of `detail` may change.
 * docs/api.md and the OpenAPI document are made from, or tested against, this table.
 */
export const PROBLEMS = {
  invalid_json: { status: 400, when: 'the body is not JSON as UTF-8' },
  invalid_id: { status: 400, when: 'the id in the path is not a UUID' },
  invalid_handshake: { status: 400, when: 'the handshake of a WebSocket is wrong' },
  key_required: { status: 401, when: 'no key was sent, neither as Bearer nor as session cookie' },
  key_unknown: { status: 401, when: 'the key is wrong or revoked, or the session is over' },
  scope_missing: { status: 403, when: 'the key may not do this; the field scope names what it would need' },
  foreign_host: { status: 403, when: 'without keys: Host is not a loopback name' },
  foreign_origin: { status: 403, when: 'a web page of another origin sent this' },
  not_found: { status: 404, when: 'there is no such path' },
  video_not_found: { status: 404, when: 'there is no video with this id' },
  channel_not_found: { status: 404, when: 'nothing is known of a channel of this name' },
  provider_not_found: { status: 404, when: 'there is no service of this name' },
  artifact_not_found: { status: 404, when: 'the video has no such file, or not yet' },
  method_not_allowed: { status: 405, when: 'the path takes another method; Allow names it' },
  no_keys: { status: 409, when: 'this API has no keys, so there is none to swap for a session' },
  video_ended: { status: 409, when: 'the video has its end; it can only be retried' },
  video_not_ended: {
    status: 409,
    when: 'a retry of a video that has not ended, or is completed; a deletion of one that has not ended',
  },
  video_publishing: { status: 409, when: 'a deletion or retry of a video that is on its way to YouTube' },
  video_not_completed: { status: 409, when: 'a publication of a video that is not completed' },
  already_published: { status: 409, when: 'a publication of a video that is at YouTube already' },
  publication_doubtful: {
    status: 409,
    when: 'a publication whose last upload may have arrived: look at YouTube, then say upload_again',
  },
  cap_reached: {
    status: 409,
    when: 'a retry of a video whose next stage does not fit under its cap; PATCH its max_cost first',
  },
  charge_conflict: { status: 409, when: 'a charge with this id is in the ledger with another amount' },
  statistics_off: { status: 409, when: 'there is no YOUTUBE_API_KEY, so no statistics are collected' },
  channel_not_connected: {
    status: 409,
    when: 'the channel has no account at YouTube; for statistics, its name is no id of one either',
  },
  artifact_damaged: { status: 410, when: 'the file is no longer in the store as it was made' },
  artifact_expired: { status: 410, when: 'the files of the video were removed ARTIFACT_DAYS after its end' },
  video_deleted: { status: 410, when: 'the video was deleted; what it cost stays in GET /costs/video/{id}' },
  body_too_large: {
    status: 413,
    when: 'the body is larger than 256 kB; for media, than a clip of 200 MB or an image of 25 MB',
  },
  json_required: {
    status: 415,
    when: 'a call that changes something came without Content-Type: application/json',
  },
  media_type_required: {
    status: 415,
    when: 'a file came without one of the media types that are taken as its Content-Type',
  },
  range_not_satisfiable: { status: 416, when: 'the Range begins beyond the end of the file' },
  invalid_order: { status: 422, when: 'fields of the order are wrong; the field errors names each' },
  invalid_request: {
    status: 422,
    when: 'fields of another body or of the query are wrong; the field errors names each',
  },
  invalid_media: {
    status: 422,
    when: 'the file is no usable MP4, MOV, JPEG, PNG or WebP; detail says why',
  },
  idempotency_conflict: {
    status: 422,
    when: 'this Idempotency-Key came before with another body',
  },
  queue_full: { status: 429, when: 'QUEUE_MAX orders wait already; Retry-After says when to come back' },
  statistics_quota: {
    status: 429,
    when: "the day's units of YouTube are used up; Retry-After says when there are new ones",
  },
  rate_limited: {
    status: 429,
    when: 'more calls a minute than RATE_LIMIT; Retry-After says when to come back',
  },
  too_many_streams: { status: 429, when: 'the caller holds too many open streams' },
  internal: { status: 500, when: 'a defect; the log of the API has the cause under the request id' },
  disk_low: { status: 503, when: 'the disk of the files is nearly full; the same call succeeds later' },
  database_away: { status: 503, when: 'the database cannot be reached; the same call succeeds later' },
  temporal_away: { status: 503, when: 'Temporal cannot be reached; the same call succeeds later' },
  store_away: {
    status: 503,
    when: 'the bucket of the artifacts cannot be reached; the same call succeeds later',
  },
  page_not_built: { status: 503, when: 'the page was not built with the code of this API' },
  streams_full: { status: 503, when: 'the API holds as many open streams as it may' },
} as const satisfies Record<string, { status: ContentfulStatusCode; when: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

interface ProblemExtra {
  headers?: Record<string, string>;
  /** Members of the body beside the standard ones. */
  fields?: Record<string, unknown>;
}

/** An answer that is not a success, thrown anywhere in a route. `message` becomes the `detail`. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends Error {
  override name = 'ProblemError';
  readonly status: ContentfulStatusCode;
  readonly code: ProblemCode;
  readonly extra: ProblemExtra;

  constructor(
    status: (typeof PROBLEMS)[Code]['status'],
    code: Code,
    detail: string,
    extra: ProblemExtra = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Body too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Unprocessable content',
  429: 'Too many requests',
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
    const { method, path } = context.req;
    log.error({ err: error, request_id: context.get('requestId'), method, path }, 'request failed');
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
  return new ProblemError(
    503,
    'database_away',
    'The database cannot be reached; try again in some seconds.',
    {
      headers: { 'retry-after': '5' },
    },
  );
}

function internal(): ProblemError {
  return new ProblemError(500, 'internal', 'The request failed; the cause is in the log of the API.');
}
