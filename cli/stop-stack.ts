import { isOwned, readLock, releaseLock } from '../infra/embedded/lock-file.ts';
import { reapOrphans } from '../infra/embedded/orphans.ts';
import { becomes } from '../infra/embedded/wait.ts';

const STOP_MS = 60_000;

/** Stops the stack of this data folder, also what a killed supervisor left. False when nothing ran. */
export async function stopStack(dataDir: string): Promise<boolean> {
  const lock = readLock(dataDir);
  if (!lock) return false;
  if (!isOwned(lock)) {
    const left = await reapOrphans(lock.services);
    releaseLock(dataDir);
    return left.length > 0;
  }
  process.kill(lock.pid, 'SIGTERM');
  const stopped = await becomes(() => !isOwned(lock), STOP_MS);
  if (!stopped) throw new Error(`The stack (process ${lock.pid}) has not stopped after ${STOP_MS / 1000} s.`);
  return true;
}
