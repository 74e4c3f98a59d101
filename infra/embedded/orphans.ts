import type { ServiceEntry } from './lock-file.ts';
import { runsAs } from './process-identity.ts';
import { becomes } from './wait.ts';

const GRACE_MS = 8_000;
const KILL_MS = 2_000;

/** Ends the services that a killed owner left running, and nothing else that may have their numbers now. */
export async function reapOrphans(services: Record<string, ServiceEntry>): Promise<string[]> {
  const left = Object.entries(services).filter(([, { pid, mark }]) => runsAs(pid, mark));
  await Promise.all(left.map(([name, entry]) => end(name, entry)));
  return left.map(([name]) => name);
}

async function end(name: string, { pid, mark }: ServiceEntry): Promise<void> {
  const isGone = () => !runsAs(pid, mark);
  signal(pid, stopSignalOf(name));
  if (await becomes(isGone, GRACE_MS)) return;
  signal(pid, 'SIGKILL');
  await becomes(isGone, KILL_MS);
}

/** Postgres takes SIGTERM as "wait for every client to leave". */
export function stopSignalOf(service: string): NodeJS.Signals {
  return service === 'postgres' ? 'SIGINT' : 'SIGTERM';
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in between.
  }
}
