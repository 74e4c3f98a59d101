import type { StageError } from '../domain/errors.ts';
import type { Hide } from '../infra/settings/hide-secrets.ts';
import { classifyError } from './classify-error.ts';

/** Errors of libraries nest a few deep; one that is its own cause must not hold us. */
const MAX_CAUSES = 10;

/**
 * A thrown thing as the stage's failure, fit for the log, the error log and Temporal's history: a service may answer
 * with the key that it was sent, in words that nobody foresees, and causes go into the history too.
 */
export function failureOf({ hide }: { hide: Hide }, thrown: unknown): StageError {
  const failure = classifyError(thrown);
  let error: unknown = failure;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth += 1) {
    error.message = hide(error.message);
    if (error.stack !== undefined) error.stack = hide(error.stack);
    // Any other thing would go into the history with all that is in it, such as a request and its headers.
    if (!(error.cause instanceof Error)) delete error.cause;
    error = error.cause;
  }
  return failure;
}
