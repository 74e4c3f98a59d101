import { open } from 'node:fs/promises';
import { execa } from 'execa';
import { StageError } from '../domain/errors.ts';
import { childEnvironment } from '../infra/settings/env.ts';
import { holdGroup } from './child-group.ts';
import { type ChildLimits, guarded } from './child-guard.ts';
import { recordChild } from './child-records.ts';
import { classifyChild } from './classify-error.ts';

export interface ChildOptions extends ChildLimits {
  /** SIGTERM to it and all that it has started when this aborts, SIGKILL two seconds later. */
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

/** A child that prints more is ended. */
const MAX_OUTPUT_CHARS = 4_000_000;
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH'];

/**
 * Runs a program with a fixed argument list, no shell, an emptied environment and bounded memory, and waits for its
 * end. It leads a process group: what it has started ends with it, and all of it with this process, even when that is
 * killed by SIGKILL (by the kernel where setpriv is at hand, else at the next start).
 * Throws the signal's reason when it aborts, and a StageError with the last lines of standard error
 * when the program fails or is missing; its kind is `process_failed` unless those lines say better.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildOutput> {
  options.signal.throwIfAborted();
  const output = options.outputFile === undefined ? null : await open(options.outputFile, 'w');
  try {
    return await run(command, args, options, output?.fd ?? 'pipe');
  } finally {
    await output?.close();
  }
}

async function run(
  command: string,
  args: readonly string[],
  options: ChildOptions,
  stdout: number | 'pipe',
): Promise<ChildOutput> {
  const [file, argv] = guarded(command, args, options);
  const child = execa(file, argv, {
    detached: true,
    reject: false,
    extendEnv: false,
    env: { ...inheritedEnv(), ...options.env },
    maxBuffer: MAX_OUTPUT_CHARS,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input !== undefined && { input: options.input }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    // The file is the child's own: nothing passes through this process, and the limit on files holds for it.
    // Execa takes any descriptor, its types only name the first ones.
    stdout: stdout as 'pipe',
  });
  holdGroup(child, options.signal);
  const record = recordChild(child.pid);
  if (options.onLine)
    for await (const line of child.iterable({ preserveNewlines: false })) options.onLine(line);
  const ended = await child;
  await record.then((forget) => forget());
  options.signal.throwIfAborted();
  if (ended.failed)
    throw new StageError(classifyChild(ended.stderr ?? ''), failureText(command, ended), { cause: ended });
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
