import { Readable } from 'node:stream';
import type { Terminal } from '../../cli/client/terminal.ts';

export interface TestTerminal extends Terminal {
  /** Everything that was written to standard output. */
  out: string;
  /** Lines of standard error. */
  errors: string[];
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** A terminal that keeps what is written; not a TTY unless `columns` is given. */
export function createTestTerminal(
  given: { stdin?: Readable; columns?: number; colours?: boolean } = {},
): TestTerminal {
  const terminal: TestTerminal = {
    out: '',
    errors: [],
    interrupt: () => undefined,
    stdin: given.stdin ?? Readable.from([]),
    write: (text) => {
      terminal.out += text;
    },
    error: (line) => void terminal.errors.push(line),
    columns: () => given.columns ?? null,
    colours: () => given.colours ?? false,
    onInterrupt: (stop) => {
      terminal.interrupt = stop;
      return () => {
        terminal.interrupt = () => undefined;
      };
    },
  };
  return terminal;
}
