import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { processMark } from '../../../infra/processes/process-mark.ts';
import { startOf } from '../../../infra/processes/process-start.ts';
import { registerLane, requireStageTable } from '../../../infra/queue/lane-workers.ts';
import { codeVersion, STAGE_TABLE } from '../../../infra/stages/stage-table.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());
beforeEach(() => deps.pool.query('DELETE FROM lane_workers'));

const offer = { slots: 3, places: 2, encoder: 'libx264' };

async function holder() {
  const { rows } = await deps.pool.query(
    'SELECT lane, pid, slots, places, encoder, lease_until > now() AS living FROM lane_workers ORDER BY lane',
  );
  return rows;
}

test('a worker holds its lane until it drops it, and a second one is refused meanwhile', async () => {
  const lease = await registerLane(deps, 'gpu', offer);
  expect(await holder()).toEqual([{ lane: 'gpu', pid: process.pid, ...offer, living: true }]);
  await expect(registerLane(deps, 'gpu', offer)).rejects.toThrow(
    `lane gpu of machine ${deps.config.machine.id} is held by worker pid ${process.pid}`,
  );
  await registerLane(deps, 'cpu', offer);
  await lease.drop();
  await registerLane(deps, 'gpu', offer);
});

test('of many workers that start at once one gets the lane', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => registerLane(deps, 'gpu', offer)));
  expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
});

test('a holder whose process is dead is replaced at once', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  await registerLane(deps, 'gpu', offer);
  await heldBy(child.pid, await startOf(child.pid ?? 0));
  await expect(registerLane(deps, 'gpu', offer)).rejects.toThrow(`held by worker pid ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await registerLane(deps, 'gpu', offer);
  expect(await holder()).toMatchObject([{ pid: process.pid }]);
});

test('a holder whose pid has gone to another process is replaced at once', async () => {
  await registerLane(deps, 'gpu', offer);
  await heldBy(process.pid, '1');
  await registerLane(deps, 'gpu', offer);
});

test('a holder in another container of the machine keeps its lane until its lease is over', async () => {
  await registerLane(deps, 'gpu', offer);
  await heldBy(process.pid, '1', await processMark(deps.config.machine.id, 'another-container'));
  await expect(registerLane(deps, 'gpu', offer)).rejects.toThrow(`held by worker pid ${process.pid}`);
  await deps.pool.query(`UPDATE lane_workers SET stage_table = 'older'`);
  await expect(requireStageTable(deps)).rejects.toThrow('has stage table older');
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  await registerLane(deps, 'gpu', offer);
});

test('a holder of another machine is not judged, though its host has the name of ours', async () => {
  const card = { ...offer, device: 'GPU-1' };
  await registerLane(machineNamed('elsewhere'), 'gpu', card);
  await heldBy(process.pid, '1', await processMark('elsewhere', hostname()));
  await expect(registerLane(deps, 'gpu', card)).rejects.toThrow('set GPU_ID to another');
});

test('a lease that is over is replaced, and its owner learns of it when it renews', async () => {
  const first = await registerLane(deps, 'gpu', offer);
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  await first.renew();
  expect(await holder()).toMatchObject([{ living: true }]);
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  const second = await registerLane(deps, 'gpu', offer);
  await expect(first.renew()).rejects.toThrow('taken over');
  await first.drop();
  await second.renew();
});

test('a machine with a private artifact store is not let in', async () => {
  await registerLane(deps, 'gpu', offer);
  const elsewhere = { ...deps.artifacts, marker: async () => '00000000-0000-4000-8000-000000000000' };
  await expect(registerLane({ ...deps, artifacts: elsewhere }, 'cpu', offer)).rejects.toThrow('share one');
});

test('a worker says what it is: its card, cores, memory and version', async () => {
  await registerLane(deps, 'gpu', { ...offer, device: 'GPU-1' });
  const { rows } = await deps.pool.query(
    'SELECT device, cores, memory_bytes, version, stage_table FROM lane_workers',
  );
  const { cores, memoryBytes } = deps.config.machine;
  expect(rows).toEqual([
    { device: 'GPU-1', cores, memory_bytes: memoryBytes, version: codeVersion(), stage_table: STAGE_TABLE },
  ]);
  expect(codeVersion()).toMatch(/^\d+\.\d+\.\d+/);
});

test('one gpu worker per card: two cards of a machine have one each, and no other machine has the same card', async () => {
  await registerLane(deps, 'gpu', { ...offer, device: 'GPU-1' });
  await registerLane(deps, 'gpu', { ...offer, device: 'GPU-2' });
  await expect(registerLane(deps, 'gpu', { ...offer, device: 'GPU-2' })).rejects.toThrow(
    `with graphics card GPU-2 is held by worker pid ${process.pid}`,
  );
  const elsewhere = machineNamed('elsewhere');
  await expect(registerLane(elsewhere, 'gpu', { ...offer, device: 'GPU-1' })).rejects.toThrow(
    'set GPU_ID to another',
  );
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  await registerLane(elsewhere, 'gpu', { ...offer, device: 'GPU-1' });
  expect(await holder()).toHaveLength(2);
});

test('a worker with another stage table is refused while those of the old version live', async () => {
  await registerLane(machineNamed('elsewhere'), 'gpu', offer);
  await deps.pool.query(`UPDATE lane_workers SET stage_table = 'older'`);
  await expect(registerLane(deps, 'cpu', offer)).rejects.toThrow(
    'stop the old workers before the new ones start',
  );
  await expect(requireStageTable(deps)).rejects.toThrow('has stage table older');
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  await requireStageTable(deps);
  await registerLane(deps, 'cpu', offer);
});

test('a renewal tells how the lane does, and learns how often its memory was to be cleared', async () => {
  const lease = await registerLane(deps, 'gpu', offer);
  expect(await lease.renew({ places: 0, trouble: 'no card' })).toBe(0);
  await deps.pool.query('UPDATE lane_workers SET gpu_clears = gpu_clears + 1');
  expect(await lease.renew()).toBe(1);
  const { rows } = await deps.pool.query('SELECT places, trouble FROM lane_workers');
  expect(rows).toEqual([{ places: 0, trouble: 'no card' }]);
});

/** Has another process hold the lane: that number and start, where `mark` is from; this process's own without it. */
async function heldBy(pid: number | undefined, started: string | null, mark?: string): Promise<void> {
  const [host] = (mark ?? (await processMark(deps.config.machine.id))).split('-');
  await deps.pool.query('UPDATE lane_workers SET pid = $1, pid_started = $2', [
    pid,
    `${host}-${pid}-${started}`,
  ]);
}

function machineNamed(id: string) {
  return { ...deps, config: { ...deps.config, machine: { ...deps.config.machine, id } } };
}
