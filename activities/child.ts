import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { StageError } from '../domain/errors.ts';
import { childEnvironment } from '../infra/env.ts';

export interface ChildOptions {
  /** SIGTERM when it aborts, SIGKILL two seconds later. */
  signal: AbortSignal;
  cwd?: string;
  /** Written to standard input, which is then closed; without it the child gets no input. */
  input?: string;
  /** Called for each line of standard output as it comes. */
  onLine?: (line: string) => void;
  /** Standard output goes into this file as it is, and is not answered. */
  outputFile?: string;
  /** Added to the emptied environment. */
  env?: Record<string, string>;
}

export interface ChildOutput {
  stdout: string;
  stderr: string;
}

const KILL_AFTER_MS = 2_000;
const MAX_OUTPUT_CHARS = 4_000_000;
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH'];

/**
 * Runs a program with a fixed argument list and waits for its end. The child dies with this process, even
 * when that is killed by SIGKILL (Linux: the kernel's parent-death signal, set by setpriv).
 * Throws the signal's reason when it aborts, and a StageError `process_failed` with the last lines of
 * standard error when the program fails or is missing.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildOutput> {
  options.signal.throwIfAborted();
  const [file, argv] = tiedToParent(command, args);
  const child = execa(file, argv, {
    cancelSignal: options.signal,
    forceKillAfterDelay: KILL_AFTER_MS,
    reject: false,
    extendEnv: false,
    env: { ...inheritedEnv(), ...options.env },
    maxBuffer: MAX_OUTPUT_CHARS,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input !== undefined && { input: options.input }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.outputFile !== undefined && {
      stdout: { file: options.outputFile },
      buffer: { stdout: false },
    }),
  });
  if (options.onLine)
    for await (const line of child.iterable({ preserveNewlines: false })) options.onLine(line);
  const ended = await child;
  options.signal.throwIfAborted();
  if (ended.failed) throw new StageError('process_failed', failureText(command, ended), { cause: ended });
  return { stdout: ended.stdout ?? '', stderr: ended.stderr };
}

interface Ended {
  exitCode?: number | undefined;
  signal?: string | undefined;
  stderr?: string | undefined;
  shortMessage?: string | undefined;
}

function failureText(command: string, ended: Ended): string {
  const name = command.split('/').at(-1);
  const how = ended.signal ? `killed by ${ended.signal}` : `exit code ${ended.exitCode ?? 'unknown'}`;
  const last = (ended.stderr ?? '').trim().split('\n').slice(-3).join(' | ').slice(-600);
  return `${name} failed (${how}): ${last || ended.shortMessage || 'no output'}`;
}

function inheritedEnv(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = childEnvironment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function tiedToParent(command: string, args: readonly string[]): [string, string[]] {
  const setpriv = findSetpriv();
  return setpriv ? [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]] : [command, [...args]];
}

let setprivPath: string | null | undefined;

function findSetpriv(): string | null {
  if (setprivPath === undefined) setprivPath = process.platform === 'linux' ? onPath('setpriv') : null;
  return setprivPath;
}

function onPath(name: string): string | null {
  for (const folder of (childEnvironment['PATH'] ?? '').split(delimiter)) {
    try {
      const candidate = join(folder, name);
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
