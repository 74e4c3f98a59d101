import type { Readable } from 'node:stream';
import { isCommand, runCommand } from '../../cli/commands/run-command.ts';
import { createTestTerminal, type TestTerminal } from './test-terminal.ts';

export interface CommandRun {
  terminal: TestTerminal;
  /** The exit code. */
  ending: Promise<number>;
}

export interface CommandOptions {
  stdin?: Readable;
  columns?: number;
  colours?: boolean;
  /** API_KEY of the environment. */
  key?: string;
}

/** Starts `npm run ytempire -- NAME …` against this API, in this process. */
export function startCommand(
  api: string,
  [name, ...argv]: string[],
  options: CommandOptions = {},
): CommandRun {
  if (!isCommand(name)) throw new Error(`${name} is no command`);
  const { key, ...given } = options;
  const terminal = createTestTerminal(given);
  const place = { env: { API_KEY: key }, dataDir: '/nowhere' };
  return { terminal, ending: runCommand(name, [...argv, '--url', api], place, terminal) };
}

/** The same to its end. */
export async function runToEnd(api: string, argv: string[], options: CommandOptions = {}) {
  const { terminal, ending } = startCommand(api, argv, options);
  const code = await ending;
  return { code, out: terminal.out, errors: terminal.errors, json: () => JSON.parse(terminal.out) };
}
