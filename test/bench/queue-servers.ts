import { startPrivateServers } from '../../cli/test-servers.ts';

const MARK = 'bench.js';

/**
 * Starts private servers that write to the disk as in production, unless the environment names others, and
 * leaves their addresses in the environment. The returned function stops them and removes their folder.
 */
export async function startBenchServers(): Promise<() => Promise<void>> {
  const { servers, stop } = startPrivateServers({ mark: MARK, throwaway: false });
  try {
    await Promise.all([servers.storesReady, servers.temporalReady]);
  } catch (error) {
    await stop();
    throw error;
  }
  Object.assign(process.env, servers.urls);
  return stop;
}
