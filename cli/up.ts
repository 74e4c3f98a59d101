import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLock } from '../infra/embedded/lock-file.ts';
import { isAlive } from '../infra/embedded/process-identity.ts';
import { holdersDir } from '../infra/embedded/stack-process.ts';
import { startOrJoin } from './stack.ts';
import { stopStack } from './stop-stack.ts';

const LOOK_MS = 1_000;

/** Holds the stack in the foreground until Ctrl-C, which stops it when this command started it. */
export async function holdStack(dataDir: string): Promise<number> {
  const stack = await startOrJoin(dataDir);
  const hold = join(holdersDir(dataDir), String(process.pid));
  mkdirSync(holdersDir(dataDir), { recursive: true });
  writeFileSync(hold, '');
  process.stdout.write(`API          ${stack.api}\nTemporal UI  ${stack.temporalUi ?? '(not embedded)'}\n`);
  process.stdout.write(stack.started ? 'Ctrl-C stops the stack.\n' : 'Ctrl-C leaves the stack running.\n');
  const interrupted = await interruptOrEnd(dataDir);
  rmSync(hold, { force: true });
  if (!interrupted) {
    process.stderr.write('The stack ended; "npm run stack -- logs" shows why.\n');
    return 1;
  }
  if (stack.started) await stopStack(dataDir);
  return 0;
}

/** True at Ctrl-C or SIGTERM; false when the supervisor is gone. */
function interruptOrEnd(dataDir: string): Promise<boolean> {
  const supervisor = readLock(dataDir)?.pid ?? 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(supervisor)) return;
      clearInterval(timer);
      resolve(false);
    }, LOOK_MS);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        clearInterval(timer);
        resolve(true);
      });
    }
  });
}
