import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimLock, readLock, writeLock } from '../infra/embedded/lock-file.ts';
import { reapOrphans } from '../infra/embedded/orphans.ts';
import { type Servers, startServers } from '../infra/embedded/servers.ts';
import { childEnvironment, readEnv } from '../infra/settings/env.ts';

const PREFIX = 'ytempire-test-';
/** Every npm script runs through this file, so it is on our command line. */
const MARK = 'bootstrap.mjs';

export interface PrivateServersOptions {
  /** On the command line of the process that starts them. */
  mark: string;
  /** False: they write to the disk as in production. */
  throwaway: boolean;
}

export interface PrivateServers {
  dataDir: string;
  servers: Servers;
  /** Stops the servers and removes their folder. */
  stop(): Promise<void>;
}

/** Starts the servers of the tests, after ending those that killed runs have left. */
export async function startTestServers(): Promise<PrivateServers> {
  await sweep();
  return startPrivateServers({ mark: MARK, throwaway: true });
}

/**
 * Starts private servers in a temporary folder; they also stop at Ctrl-C, and after a kill at the next test run. An
 * address in the environment stands for a server of the operator's own.
 */
export function startPrivateServers({ mark, throwaway }: PrivateServersOptions): PrivateServers {
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
  // Run by root, Postgres runs as another user, who must be able to enter.
  chmodSync(dataDir, 0o755);
  const lock = claimLock(dataDir, mark);
  const servers = startServers({
    dataDir,
    env: childEnvironment,
    settings: readEnv(),
    throwaway,
    onChange: () => lock && writeLock(dataDir, { ...lock, services: servers.entries() }),
    onLoss: (name, reason) => process.stderr.write(`${name} was lost: ${reason}\n`),
  });
  // Awaited only after the checks: until then a failure must not count as unhandled.
  servers.storesReady.catch(() => undefined);
  servers.temporalReady.catch(() => undefined);
  const stop = async () => {
    await servers.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  }
  return { dataDir, servers, stop };
}

/** Ends what test runs left that were killed before they could stop. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      const abandoned = readLock(folder) && claimLock(folder, MARK);
      if (!abandoned) continue;
      await reapOrphans(abandoned.services);
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}
