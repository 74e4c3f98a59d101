import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../infra/settings/config.ts';
import { usableCores, usableMemory } from '../../../infra/settings/usable-machine.ts';

const SERVERS = { DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x', TEMPORAL_ADDRESS: 'x:1' };
const GIB = 1024 ** 3;

const taskset = (cores: string) => spawnSync('taskset', ['-cp', cores, String(process.pid)]).status === 0;

test.runIf(spawnSync('taskset', ['--version']).status === 0)(
  'a worker that is kept to one core reckons with one, and not with all of the machine',
  () => {
    const [, allowed = ''] =
      /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const { machine } = readConfig(SERVERS);
    try {
      expect(taskset(/^\d+/.exec(allowed)?.[0] ?? '')).toBe(true);
      expect(readConfig(SERVERS).machine.cores).toBe(1);
      expect(readConfig({ ...SERVERS, MACHINE_CORES: 12 }).machine.cores).toBe(12);
    } finally {
      taskset(allowed);
    }
    expect(readConfig(SERVERS).machine).toEqual(machine);
  },
);

test.each([
  ['max 100000\n', availableParallelism()],
  ['100000 100000\n', 1],
  ['99000 100000\n', 1],
  ['6400000 100000\n', availableParallelism()],
  ['', availableParallelism()],
])('with a quota of CPU time of %j it reckons with %d cores', (quota, cores) => {
  const cgroups = mkdtempSync(join(tmpdir(), 'ytempire-cgroups-'));
  const own = join(cgroups, 'own');
  mkdirSync(join(cgroups, 'system.slice/worker.service'), { recursive: true });
  writeFileSync(own, '4:memory:/elsewhere\n0::/system.slice/worker.service\n');
  writeFileSync(join(cgroups, 'system.slice/worker.service/cpu.max'), quota);
  expect(usableCores({ cgroups, own })).toBe(cores);
  rmSync(cgroups, { recursive: true });
  expect(usableCores({ cgroups, own })).toBe(availableParallelism());
});

test('memory is that of the cgroup where it has less than the machine', () => {
  expect(usableMemory(GIB)).toBe(GIB);
  // How Node says that there is no bound, by its version and the kernel's.
  for (const unbounded of [0, 2 ** 64, 2 ** 63]) expect(usableMemory(unbounded)).toBe(totalmem());
  expect(usableMemory()).toBe(readConfig(SERVERS).machine.memoryBytes);
});
