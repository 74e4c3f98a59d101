export const SEVERITIES = ['critical', 'high', 'medium', 'infrastructure', 'low', 'bug'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface KindSpec {
  severity: Severity;
  /**
   * `counts` errors use up a try, `free` ones never do, `never` ends the stage at once, and `releases` gives the
   * place back without using up anything.
   */
  retry: 'counts' | 'free' | 'never' | 'releases';
  /** Wait before attempt n (n = 1 for the second attempt). */
  backoffMs: (n: number) => number;
  /** What has gone wrong, for docs/failures.md. */
  means: string;
}

const growing = (n: number) => Math.min(10 * 2 ** n, 300) * 1000;
const steady = () => 5_000;
const none = () => 0;

/** The error table of design §4: what each kind of failure means for the stage. docs/failures.md is made from it. */
export const ERROR_KINDS = {
  cost_limit: {
    ...{ severity: 'critical', retry: 'never', backoffMs: none },
    means: 'the next call or stage no longer fits under the cap of the video',
  },
  gpu_out_of_memory: {
    ...{ severity: 'critical', retry: 'never', backoffMs: none },
    means: 'the graphics card has no memory left (CUDA, NVENC)',
  },
  gpu_lost: {
    ...{ severity: 'infrastructure', retry: 'releases', backoffMs: none },
    means: 'the graphics card does not encode any more',
  },
  provider_account: {
    ...{ severity: 'critical', retry: 'never', backoffMs: none },
    means: 'a service refuses the key (401, 403) or the account has no balance (402, insufficient_quota)',
  },
  provider_closed: {
    ...{ severity: 'high', retry: 'releases', backoffMs: none },
    means: 'the gate of a service is closed, so it was not asked',
  },
  connection: {
    ...{ severity: 'high', retry: 'counts', backoffMs: growing },
    means: 'a service was not reached, or the connection broke',
  },
  timeout: {
    ...{ severity: 'high', retry: 'counts', backoffMs: growing },
    means: 'a service did not answer in time (408 too), or a stage took longer than its limit',
  },
  server_error: {
    ...{ severity: 'high', retry: 'counts', backoffMs: growing },
    means: 'a service answered with 5xx',
  },
  rate_limited: {
    ...{ severity: 'high', retry: 'counts', backoffMs: growing },
    means: 'a service wants fewer requests (429)',
  },
  quota: {
    ...{ severity: 'high', retry: 'counts', backoffMs: growing },
    means:
      'an allowance that comes back with time is used up: requests or tokens a day, searches a month (429)',
  },
  invalid_response: {
    ...{ severity: 'medium', retry: 'counts', backoffMs: steady },
    means: 'a service answered something that cannot be used: another shape, cut off, not what was asked for',
  },
  missing_data: {
    ...{ severity: 'medium', retry: 'counts', backoffMs: steady },
    means: 'something that is needed is not there, or a media file cannot be read',
  },
  process_failed: {
    ...{ severity: 'medium', retry: 'counts', backoffMs: steady },
    means: 'a program (ffmpeg, the voice) failed, was killed, or found no memory',
  },
  infrastructure: {
    ...{ severity: 'infrastructure', retry: 'free', backoffMs: steady },
    means: 'our own Postgres, artifact store, disk or ffmpeg build is in trouble',
  },
  invalid_input: {
    ...{ severity: 'bug', retry: 'never', backoffMs: none },
    means: 'the order or a setting cannot work, or a model refuses it',
  },
  worker_lost: {
    ...{ severity: 'bug', retry: 'never', backoffMs: none },
    means: 'more than five workers died in one stage of the video',
  },
  bug: {
    ...{ severity: 'bug', retry: 'never', backoffMs: none },
    means: 'anything else: a fault of the code; its cause and stack are kept',
  },
} as const satisfies Record<string, KindSpec>;

export type ErrorKind = keyof typeof ERROR_KINDS;

/** A provider whose gate is closed, by its name in `provider_state`. */
export interface ClosedProvider {
  name: string;
  /** ISO 8601; null = until an operator resumes it. */
  until: string | null;
}

/** A failure that stage code understands; anything else that is thrown is a `bug`. */
export class StageError extends Error {
  override name = 'StageError';
  readonly kind: ErrorKind;
  /** From a provider's Retry-After; it replaces the table's wait. */
  readonly retryAfterMs: number | undefined;
  /** True when the failed call was certainly not billed: it never arrived, or was answered with an error status. */
  readonly unbilled: boolean;
  /** Set when the gate of the provider is closed after this failure: the video is released, and nothing counts. */
  readonly closed: ClosedProvider | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; unbilled?: boolean; closed?: ClosedProvider } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.unbilled = options.unbilled ?? false;
    this.closed = options.closed;
  }
}

/** One row of `video_queue.error_log`; `at` is ISO 8601, `next` says what happens now. */
export interface ErrorEntry {
  stage: string;
  attempt: number;
  kind: ErrorKind;
  severity: Severity;
  message: string;
  at: string;
  next: string;
}
