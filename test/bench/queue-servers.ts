import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimLock, writeLock } from '../../infra/embedded/lock-file.ts';
import { startServers } from '../../infra/embedded/servers.ts';
import { childEnvironment, readEnv } from '../../infra/env.ts';

/** The folder's name is that of test servers, so that the next test run ends what a killed bench left. */
const PREFIX = 'ytempire-test-';
const MARK = 'bench.js';

/**
 * Starts private servers that write to the disk as in production, unless the environment names others, and
 * leaves their addresses in the environment. The returned function stops them and removes their folder.
 */
export async function startBenchServers(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
  // Run by root, Postgres runs as another user, who must be able to enter.
  chmodSync(dataDir, 0o755);
  const lock = claimLock(dataDir, MARK);
  const servers = startServers({
    dataDir,
    env: childEnvironment,
    settings: readEnv(),
    throwaway: false,
    onChange: () => lock && writeLock(dataDir, { ...lock, services: servers.entries() }),
    onLoss: (name, reason) => process.stderr.write(`${name} was lost: ${reason}\n`),
  });
  const stop = async () => {
    await servers.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  }
  try {
    await Promise.all([servers.storesReady, servers.temporalReady]);
  } catch (error) {
    await stop();
    throw error;
  }
  Object.assign(process.env, servers.urls);
  return stop;
}
