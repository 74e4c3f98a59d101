import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeWork, removeLeftWork, removeWork } from '../../../activities/work-folder.ts';
import { processMark } from '../../../infra/processes/process-mark.ts';
import { startOf } from '../../../infra/processes/process-start.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());
const { config } = deps;
const parts = join(config.artifactsDir, '.parts');

test('the folders and half-written files of a killed worker go when one starts, those of a living one stay', async () => {
  const mine = await makeWork(config, 'video', 'run-1-1');
  const marks = join(mine, '..', '..', '..');
  const worker = spawn('sleep', ['60']);
  await once(worker, 'spawn');
  const [machine] = (await processMark(config.machine.id)).split('-');
  const theirs = `${machine}-${worker.pid}-${await startOf(worker.pid ?? 0)}`;
  await mkdir(join(marks, theirs, 'video'), { recursive: true });
  await writeFile(join(parts, `${theirs}-file`), 'half');
  await removeLeftWork(deps);
  expect(existsSync(join(marks, theirs))).toBe(true);
  expect(await readdir(parts)).toHaveLength(1);
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  await removeLeftWork(deps);
  expect(existsSync(join(marks, theirs))).toBe(false);
  expect(await readdir(parts)).toEqual([]);
  expect(existsSync(mine)).toBe(true);
});

test('a worker whose number went to another process is gone, and one of another machine or container is not judged', async () => {
  const mine = await makeWork(config, 'video', 'run-2-1');
  const root = join(mine, '..', '..', '..');
  const [machine, pid] = (await processMark(config.machine.id)).split('-');
  const reused = join(root, `${machine}-${pid}-1`);
  const marks = [await processMark('elsewhere'), await processMark(config.machine.id, 'another-container')];
  const foreign = marks.map((mark) => join(root, `${mark.split('-')[0]}-${pid}-1`));
  for (const folder of [reused, ...foreign]) await mkdir(folder);
  await removeLeftWork(deps);
  expect([reused, ...foreign].map(existsSync)).toEqual([false, true, true]);
});

test('a settled video leaves no work folder of any process', async () => {
  const mine = await makeWork(config, 'settled', 'run-3-1');
  const root = join(mine, '..', '..', '..');
  await mkdir(join(root, 'another'));
  await rename(join(mine, '..'), join(root, 'another', 'settled'));
  const again = await makeWork(config, 'settled', 'run-3-2');
  await removeWork(config, 'settled');
  expect([existsSync(again), existsSync(join(root, 'another', 'settled'))]).toEqual([false, false]);
});
