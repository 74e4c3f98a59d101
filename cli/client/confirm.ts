import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CliError, EXIT } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks before something is done that cannot be taken back; `sure` (--yes) asks nothing. False when the answer is not
 * yes. Throws a CliError (exit code 2) where nobody can be asked.
 */
export async function confirm(terminal: Terminal, what: string, sure: boolean): Promise<boolean> {
  if (sure) return true;
  if (!isTerminal(terminal.stdin))
    throw new CliError(EXIT.badInput, `This would ${what}. Say --yes to do it.`);
  terminal.write(`${what.charAt(0).toUpperCase()}${what.slice(1)}? [y/N] `);
  const lines = createInterface({ input: terminal.stdin });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}

function isTerminal(stdin: Readable & { isTTY?: boolean }): boolean {
  return stdin.isTTY === true;
}
