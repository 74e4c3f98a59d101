import { ApplicationFailure } from '@temporalio/activity';
import type { StageFailureDetails } from '../domain/contract.ts';
import { ERROR_KINDS, type ErrorEntry, type StageError } from '../domain/errors.ts';
import { LONGEST_WAIT_IN_PLACE_MS } from '../domain/release.ts';
import type { StageSpec } from '../domain/stages.ts';
import type { Attempt } from './attempt.ts';

/** What happens after a failed attempt. */
export interface Verdict {
  last: boolean;
  /** Wait before the next attempt. */
  delayMs: number;
}

/**
 * Whether a failure ends the stage, by the error table and the count of earlier real failures. `scale`
 * shortens the waits in tests.
 */
export function judge(spec: StageSpec, error: StageError, failures: number, scale: number): Verdict {
  const kind = ERROR_KINDS[error.kind];
  const usedUp = kind.retry === 'counts' && failures + 1 > spec.retries;
  const waitMs = error.retryAfterMs ?? kind.backoffMs(failures + 1);
  const last = kind.retry === 'never' || usedUp || tooLongToHold(error);
  // A wait of 0 would mean "not given" to the server.
  return { last, delayMs: Math.max(1, Math.round(waitMs * scale)) };
}

/** The failure as a row of the video's error log. */
export function entryOf({ spec, run }: Attempt, error: StageError, { last, delayMs }: Verdict): ErrorEntry {
  return {
    stage: spec.name,
    attempt: run.attempt,
    kind: error.kind,
    severity: ERROR_KINDS[error.kind].severity,
    message: error.message,
    at: new Date().toISOString(),
    next: nextOf(error, last, delayMs),
  };
}

/** A provider's long wait gives the place back instead of holding it. */
function tooLongToHold(error: StageError): error is StageError & { retryAfterMs: number } {
  return error.retryAfterMs !== undefined && error.retryAfterMs > LONGEST_WAIT_IN_PLACE_MS;
}

function nextOf(error: StageError, last: boolean, delayMs: number): string {
  if (!last) return `next attempt in ${delayMs / 1000} s`;
  if (tooLongToHold(error))
    return `the video waits ${Math.ceil(error.retryAfterMs / 1000)} s without its place`;
  return ERROR_KINDS[error.kind].retry === 'never' ? 'the video fails' : 'the tries of this run are used up';
}

/** The failure as Temporal sees it: its type is the kind, and only the wrapper's verdict ends the stage. */
export function toFailure(spec: StageSpec, error: StageError, verdict: Verdict): ApplicationFailure {
  const details: StageFailureDetails = {
    kind: error.kind,
    stage: spec.name,
    message: error.message,
    ...(tooLongToHold(error) && { retry_after_ms: error.retryAfterMs }),
  };
  return ApplicationFailure.create({
    type: error.kind,
    message: error.message,
    nonRetryable: verdict.last,
    nextRetryDelay: verdict.delayMs,
    details: [details],
    ...(error.cause instanceof Error && { cause: error.cause }),
  });
}
