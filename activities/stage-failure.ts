import { ApplicationFailure } from '@temporalio/activity';
import type { StageFailureDetails } from '../domain/contract.ts';
import { ERROR_KINDS, type ErrorEntry, type StageError } from '../domain/errors.ts';
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
  // A wait of 0 would mean "not given" to the server.
  return { last: kind.retry === 'never' || usedUp, delayMs: Math.max(1, Math.round(waitMs * scale)) };
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
    next: last ? 'the video fails' : `next attempt in ${delayMs / 1000} s`,
  };
}

/** The failure as Temporal sees it: its type is the kind, and only the wrapper's verdict ends the stage. */
export function toFailure(spec: StageSpec, error: StageError, verdict: Verdict): ApplicationFailure {
  const details: StageFailureDetails = { kind: error.kind, stage: spec.name, message: error.message };
  return ApplicationFailure.create({
    type: error.kind,
    message: error.message,
    nonRetryable: verdict.last,
    nextRetryDelay: verdict.delayMs,
    details: [details],
    ...(error.cause instanceof Error && { cause: error.cause }),
  });
}
