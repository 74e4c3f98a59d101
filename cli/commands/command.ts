import { setTimeout as wait } from 'node:timers/promises';
import type { Words } from '../client/failure-text.ts';
import type { Options } from '../client/options.ts';
import type { Terminal } from '../client/terminal.ts';

/** A command that speaks to an API, wherever that runs. */
export interface Command {
  /** What `--help` shows before the options that all have. */
  usage: string;
  options: Options;
  /** Answers the exit code. */
  run(input: Input, session: Session): Promise<number>;
}

/** The command line, read. */
export interface Input {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

/** What a command works with. */
export interface Session {
  terminal: Terminal;
  /** For scripts: one JSON document, or one object per line where it follows something. */
  json: boolean;
  api: string;
  /** Looks again where the API is. */
  locate(): string;
}

export function textOf({ values }: Input, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

export function isOn({ values }: Input, name: string): boolean {
  return values[name] === true;
}

/** How to go on with a video, in the words of these commands. */
export const WORDS: Words = {
  watch: (id) => `npm run ytempire -- watch ${id}`,
  retry: (id) => `npm run ytempire -- retry ${id}`,
  orderAgain: 'npm run ytempire -- submit <what it was ordered with>',
};

const REJOIN_MS = 2_000;

/** Waits a little for an API that is away, then tells where it is. */
export async function rejoin(session: Session, signal: AbortSignal): Promise<string> {
  await wait(REJOIN_MS, undefined, { signal }).catch(() => undefined);
  return session.locate();
}
