import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { childEnvironment } from '../infra/settings/env.ts';
import { usableMemory } from '../infra/settings/usable-machine.ts';

/** What a child may use. Held by the kernel through `prlimit`; where there is none (macOS), not at all. */
export interface ChildLimits {
  /** Most memory of its own; default half of what the worker may, and at least 4 GiB. */
  memoryBytes?: number;
  /** Largest file that it may write, its standard output included. */
  fileBytes?: number;
}

/** So that one that runs wild fails by itself, before the system picks the worker to be killed. */
const DEFAULT_MEMORY_BYTES = Math.max(4 * 1024 ** 3, Math.floor(usableMemory() / 2));

/** Encoders take every core that nobody else wants: the API and the workers' own code answer at once beside them. */
const NICENESS = '10';

/**
 * The command line that runs a program at low priority, under its limits and, on Linux, tied to the life of this process by the
 * kernel's parent-death signal. Each guard replaces itself by the next one, so that the pid is the program's.
 */
export function guarded(
  command: string,
  args: readonly string[],
  { memoryBytes = DEFAULT_MEMORY_BYTES, fileBytes }: ChildLimits,
): [string, string[]] {
  const setpriv = guard('setpriv');
  const prlimit = guard('prlimit');
  // The data segment, not the address space: programs reserve far more of that than they ever use.
  const limits = [`--data=${memoryBytes}`, ...(fileBytes === undefined ? [] : [`--fsize=${fileBytes}`])];
  const nice = guard('nice');
  const [first = command, ...rest] = [
    ...(nice === null ? [] : [nice, '-n', NICENESS]),
    ...(setpriv === null ? [] : [setpriv, '--pdeathsig', 'KILL', '--']),
    ...(prlimit === null ? [] : [prlimit, ...limits, '--']),
    command,
    ...args,
  ];
  return [first, rest];
}

const found = new Map<string, string | null>();

/** Path of one of the guards, looked up once. */
function guard(name: 'nice' | 'setpriv' | 'prlimit'): string | null {
  const known = found.get(name);
  if (known !== undefined) return known;
  const path = process.platform === 'linux' ? onPath(name) : null;
  found.set(name, path);
  return path;
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
