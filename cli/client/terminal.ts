import type { Readable } from 'node:stream';

/** Where a command reads and writes; tests give their own. */
export interface Terminal {
  stdin: Readable;
  /** Writes to standard output as it is, without a line end of its own. */
  write(text: string): void;
  /** One line to standard error. */
  error(line: string): void;
  /** Width when standard output is a terminal, null when it is a pipe or a file. */
  columns(): number | null;
  /** Whether standard output shows colours: a terminal that can, and nobody has set NO_COLOR. */
  colours(): boolean;
  /** Calls back on the first Ctrl-C; the answer stops listening. */
  onInterrupt(stop: () => void): () => void;
}

// Some pseudo terminals say 0.
const UNKNOWN_WIDTH = 80;

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader that closes early (`| head`) must not end the download.
  stdout.on('error', () => undefined);
  return {
    stdin,
    write: (text) => void stdout.write(text),
    error: (line) => void stderr.write(`${line}\n`),
    columns: () => (stdout.isTTY ? stdout.columns || UNKNOWN_WIDTH : null),
    colours: () => stdout.isTTY === true && stdout.hasColors(),
    onInterrupt: (stop) => {
      process.once('SIGINT', stop);
      process.once('SIGTERM', stop);
      return () => {
        process.off('SIGINT', stop);
        process.off('SIGTERM', stop);
      };
    },
  };
}
