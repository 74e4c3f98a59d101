import type { ChildProcess } from 'node:child_process';

const KILL_AFTER_MS = 2_000;

/** Groups that live; all end with this process. */
const living = new Set<number>();

/**
 * Ties a child's process group, which it leads, to its own end, to the signal and to this process: a program that is
 * but a wrapper leaves nothing behind. SIGTERM when the signal aborts, SIGKILL two seconds later.
 */
export function holdGroup(child: ChildProcess, signal: AbortSignal): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (living.size === 0) process.once('exit', endAll);
  living.add(pid);
  let kill: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(pid, 'SIGTERM');
    kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  child.once('exit', () => {
    clearTimeout(kill);
    signal.removeEventListener('abort', stop);
    signalGroup(pid, 'SIGKILL');
    living.delete(pid);
    if (living.size === 0) process.removeListener('exit', endAll);
  });
}

/** Sends a signal to a group; one that is gone already is fine. */
export function signalGroup(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch (error) {
    // macOS answers EPERM for a group of which only a dead, unreaped process is left.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function endAll(): void {
  for (const pid of living) signalGroup(pid, 'SIGKILL');
}
