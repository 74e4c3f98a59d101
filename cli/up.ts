import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLock } from '../infra/embedded/lock-file.ts';
import { isAlive } from '../infra/embedded/process-identity.ts';
import { holdersDir } from '../infra/embedded/stack-process.ts';
import { startOrJoin } from './stack.ts';
import { stopStack } from './stop-stack.ts';

const LOOK_MS = 1_000;

/** Holds the stack in the foreground until Ctrl-C, which stops it when this command started it. */
export async function holdStack(dataDir: string): Promise<number> {
  // Listens from the beginning: a Ctrl-C while the stack starts must not leave it running.
  const interrupt = interruption();
  const stack = await startOrJoin(dataDir);
  const hold = join(holdersDir(dataDir), String(process.pid));
  mkdirSync(holdersDir(dataDir), { recursive: true });
  writeFileSync(hold, '');
  process.stdout.write(`API          ${stack.api}\nTemporal UI  ${stack.temporalUi ?? '(not embedded)'}\n`);
  process.stdout.write(stack.started ? 'Ctrl-C stops the stack.\n' : 'Ctrl-C leaves the stack running.\n');
  await interruptedOrEnded(dataDir, interrupt);
  rmSync(hold, { force: true });
  if (!interrupt.aborted) {
    process.stderr.write('The stack ended; "npm run stack -- logs" shows why.\n');
    return 1;
  }
  if (stack.started) await stopStack(dataDir);
  return 0;
}

/** Aborted at Ctrl-C or SIGTERM. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort());
  }
  return controller.signal;
}

async function interruptedOrEnded(dataDir: string, interrupt: AbortSignal): Promise<void> {
  const supervisor = readLock(dataDir)?.pid ?? 0;
  while (!interrupt.aborted && isAlive(supervisor)) {
    await sleep(LOOK_MS, undefined, { signal: interrupt }).catch(() => undefined);
  }
}
