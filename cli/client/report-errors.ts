import { CliError, EXIT } from './cli-error.ts';
import { oneLine } from './format.ts';
import { closeConnections } from './http.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command to its exit code; what goes wrong is one line on standard error. */
export async function reportErrors(terminal: Terminal, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const known = error instanceof CliError;
    terminal.error(`error: ${oneLine(known ? error.message : String((error as Error).message ?? error))}`);
    return known ? error.exitCode : EXIT.failed;
  } finally {
    closeConnections();
  }
}
