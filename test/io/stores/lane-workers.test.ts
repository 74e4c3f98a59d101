import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { registerLane } from '../../../infra/lane-workers.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());
beforeEach(() => deps.pool.query('DELETE FROM lane_workers'));

const offer = { slots: 3, places: 2, encoder: 'libx264' };

async function holder() {
  const { rows } = await deps.pool.query(
    'SELECT lane, pid, slots, places, encoder, lease_until > now() AS living FROM lane_workers',
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
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  await registerLane(deps, 'gpu', offer);
  await deps.pool.query('UPDATE lane_workers SET pid = $1, pid_started = $2', [child.pid, started]);
  await expect(registerLane(deps, 'gpu', offer)).rejects.toThrow(`held by worker pid ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await registerLane(deps, 'gpu', offer);
  expect(await holder()).toMatchObject([{ pid: process.pid }]);
});

test('a holder whose pid has gone to another process is replaced at once', async () => {
  await registerLane(deps, 'gpu', offer);
  await deps.pool.query(`UPDATE lane_workers SET pid_started = '1'`);
  await registerLane(deps, 'gpu', offer);
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
  await expect(registerLane({ ...deps, artifacts: elsewhere }, 'cpu', offer)).rejects.toThrow(
    'share one folder between all workers',
  );
});
