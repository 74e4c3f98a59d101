import { ApplicationFailure } from '@temporalio/activity';
import type { StageFailureDetails } from '../domain/contract.ts';
import { ERROR_KINDS, type ErrorEntry, type KindSpec, type StageError } from '../domain/errors.ts';
import { LONGEST_WAIT_IN_PLACE_MS, type ReleaseReason } from '../domain/release.ts';
import type { StageSpec } from '../domain/stages.ts';
import type { Config } from '../infra/settings/config.ts';
import type { Attempt } from './attempt.ts';

/** What happens after a failed attempt. */
export interface Verdict {
  last: boolean;
  /** Wait before the next attempt. */
  delayMs: number;
  /** The video leaves production without using up anything. */
  release: ReleaseReason | null;
}

/** What a verdict depends on beside the error itself. */
export interface Circumstances {
  /** Earlier real failures of the stage in this run. */
  failures: number;
  /** How long our own servers have failed the stage. */
  troubledMs: number;
  /** The video may be rendered on another lane than the gpu lane that it is on. */
  mayMove: boolean;
  /** `retryScale` shortens the waits in tests. */
  times: Pick<Config['times'], 'retryScale' | 'troubleReleaseMs'>;
}

/** Whether a failure ends the stage, by the error table and the circumstances. */
export function judge(spec: StageSpec, error: StageError, circumstances: Circumstances): Verdict {
  const { failures, times } = circumstances;
  const kind: KindSpec = ERROR_KINDS[error.kind];
  const release = releaseOf(error, circumstances);
  const usedUp = kind.retry === 'counts' && failures + 1 > spec.retries;
  const waitMs = error.retryAfterMs ?? kind.backoffMs(failures + 1);
  const last = release !== null || kind.retry === 'never' || usedUp || tooLongToHold(error);
  // A wait of 0 would mean "not given" to the server.
  return { last, release, delayMs: Math.max(1, Math.round(waitMs * times.retryScale)) };
}

function releaseOf(error: StageError, { troubledMs, times, mayMove }: Circumstances): ReleaseReason | null {
  if (error.closed) return 'provider_closed';
  if (error.kind === 'gpu_lost') return 'gpu_lost';
  if (error.kind === 'gpu_out_of_memory' && mayMove) return 'gpu_out_of_memory';
  const tooLong = ERROR_KINDS[error.kind].retry === 'free' && troubledMs >= times.troubleReleaseMs;
  return tooLong ? 'infrastructure' : null;
}

/** The failure as a row of the video's error log. */
export function entryOf({ spec, run }: Attempt, error: StageError, verdict: Verdict): ErrorEntry {
  return {
    stage: spec.name,
    attempt: run.attempt,
    kind: error.kind,
    severity: ERROR_KINDS[error.kind].severity,
    message: error.message,
    at: new Date().toISOString(),
    next: nextOf(error, verdict),
  };
}

/** A provider's long wait gives the place back instead of holding it. */
function tooLongToHold(error: StageError): error is StageError & { retryAfterMs: number } {
  return error.retryAfterMs !== undefined && error.retryAfterMs > LONGEST_WAIT_IN_PLACE_MS;
}

function nextOf(error: StageError, { last, delayMs, release }: Verdict): string {
  if (error.closed) return `the video waits for ${error.closed.name} without its place`;
  if (release) return 'the video waits without its place';
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
    ...(verdict.release && { release: verdict.release }),
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
