export const SEVERITIES = ['critical', 'high', 'medium', 'infrastructure', 'low', 'bug'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface KindSpec {
  severity: Severity;
  /** `free` errors never count as a try; `never` ends the stage at once. */
  retry: 'counts' | 'free' | 'never';
  /** Wait before attempt n (n = 1 for the second attempt). */
  backoffMs: (n: number) => number;
}

const growing = (n: number) => Math.min(10 * 2 ** n, 300) * 1000;
const steady = () => 5_000;
const none = () => 0;

/** The error table of design §4: what each kind of failure means for the stage. */
export const ERROR_KINDS = {
  cost_limit: { severity: 'critical', retry: 'never', backoffMs: none },
  gpu_out_of_memory: { severity: 'critical', retry: 'never', backoffMs: none },
  provider_account: { severity: 'critical', retry: 'never', backoffMs: none },
  connection: { severity: 'high', retry: 'counts', backoffMs: growing },
  timeout: { severity: 'high', retry: 'counts', backoffMs: growing },
  server_error: { severity: 'high', retry: 'counts', backoffMs: growing },
  rate_limited: { severity: 'high', retry: 'counts', backoffMs: growing },
  quota: { severity: 'high', retry: 'counts', backoffMs: growing },
  invalid_response: { severity: 'medium', retry: 'counts', backoffMs: steady },
  missing_data: { severity: 'medium', retry: 'counts', backoffMs: steady },
  process_failed: { severity: 'medium', retry: 'counts', backoffMs: steady },
  infrastructure: { severity: 'infrastructure', retry: 'free', backoffMs: steady },
  invalid_input: { severity: 'bug', retry: 'never', backoffMs: none },
  worker_lost: { severity: 'bug', retry: 'never', backoffMs: none },
  bug: { severity: 'bug', retry: 'never', backoffMs: none },
} as const satisfies Record<string, KindSpec>;

export type ErrorKind = keyof typeof ERROR_KINDS;

/** A failure that stage code understands; anything else that is thrown is a `bug`. */
export class StageError extends Error {
  override name = 'StageError';
  readonly kind: ErrorKind;
  /** From a provider's Retry-After; it replaces the table's wait. */
  readonly retryAfterMs: number | undefined;
  /** True when the failed call was certainly not billed: it never arrived, or was answered with an error status. */
  readonly unbilled: boolean;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; unbilled?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.unbilled = options.unbilled ?? false;
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
