import { oneLine } from '../client/format.ts';

export type Status = 'ok' | 'warn' | 'FAIL';

/** What a check found; `mend` says what to do about a warning or a failure. */
export interface Finding {
  status: Status;
  found: string;
  mend?: string;
}

export interface Check {
  name: string;
  /** What to do when the check itself ends in an error, or in none at all within the deadline. */
  mend: string;
  run(signal: AbortSignal): Promise<Finding> | Finding;
}

export type Diagnosis = Finding & { name: string };

const DEADLINE_MS = 15_000;

export const ok = (found: string): Finding => ({ status: 'ok', found });
export const warn = (found: string, mend: string): Finding => ({ status: 'warn', found, mend });
export const fail = (found: string, mend: string): Finding => ({ status: 'FAIL', found, mend });

/** Runs a check to its end or its deadline; an error is a failure like any other. */
export async function diagnose(check: Check, deadlineMs = DEADLINE_MS): Promise<Diagnosis> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const late = new Promise<Finding>((resolve) => {
    const found = `no answer within ${deadlineMs / 1000} s`;
    deadline.addEventListener('abort', () => resolve(fail(found, check.mend)));
  });
  const asked = Promise.resolve()
    .then(() => check.run(deadline))
    .catch((error: unknown) => fail(reasonOf(error), check.mend));
  return { name: check.name, ...(await Promise.race([asked, late])) };
}

/** The innermost words of an error: those of `fetch` and of a lost connection say nothing themselves. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

/** `ok    name: what was found`, and for trouble `: what to do` on the same line. */
export function lineOf({ status, name, found, mend }: Diagnosis): string {
  return oneLine(`${status.padEnd(4)}  ${name}: ${found}${mend === undefined ? '' : ` -> ${mend}`}`);
}
