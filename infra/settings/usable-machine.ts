import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

/** Where Linux says what a process may use; cgroups of version 2, of which `own` names ours. */
const LINUX = { cgroups: '/sys/fs/cgroup', own: '/proc/self/cgroup' };

/** Cores that this process may use: by its affinity (`taskset`, a cpuset) and its cgroup's quota of CPU time; at least 1. */
export function usableCores(places = LINUX): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), quotaOf(places))));
}

/** Quota of CPU time in cores. Node 20 does not reckon with it. */
function quotaOf({ cgroups, own }: typeof LINUX): number {
  try {
    const [, path = ''] = /^0::(.*)$/m.exec(readFileSync(own, 'utf8')) ?? [];
    const [quota, period] = readFileSync(join(cgroups, path, 'cpu.max'), 'utf8')
      .split(' ')
      .map(Number);
    return quota && period ? quota / period : Number.POSITIVE_INFINITY;
  } catch {
    // Another system, an older kernel, or no quota.
    return Number.POSITIVE_INFINITY;
  }
}

/** Bytes of memory that this process may use: the machine's, or those of its cgroup (`allowed`) where they are fewer. */
export function usableMemory(allowed = process.constrainedMemory()): number {
  return Math.min(totalmem(), allowed || Number.POSITIVE_INFINITY);
}
