/** Exit codes of every command. */
export const EXIT = { completed: 0, failed: 1, badInput: 2, operator: 3, interrupted: 130 } as const;

/** Ends the command with one line on standard error: what, why, what to do. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

export function badInput(what: string, why: string, todo: string): CliError {
  return new CliError(EXIT.badInput, `${what}: ${why}; ${todo}`);
}
