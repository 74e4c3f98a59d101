import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Clip } from '../../../domain/results.ts';
import { findClip, saveClip } from '../../../infra/media/footage-cache.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { addSharedFile, expireSharedFiles } from '../../../infra/retention/shared-files.ts';
import { latch } from '../../support/latch.ts';
import { countWaiting } from '../../support/lock-waits.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());
const DAYS = 30;
const KEY = 'shared/footage/aa.mp4';

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM footage_files');
  await addClip('one');
  await deps.pool.query(`UPDATE footage_files SET used_at = now() - interval '31 days'`);
});

function addClip(fileId: string): Promise<void> {
  return addSharedFile(deps, KEY, async (tx) => {
    const draft = join(deps.config.dataDir, 'draft');
    await writeFile(draft, 'clip');
    const file = await deps.artifacts.put(draft, KEY);
    await saveClip(tx, 'pexels', fileId, { file, licence: {} } as unknown as Clip);
  });
}

const inStore = async () => (await deps.artifacts.find(KEY)) !== null;
const known = async (fileId = 'one') => (await findClip(deps.pool, 'pexels', fileId)) !== null;

/** A pass that stops before the file is deleted until it is let on. */
function heldPass() {
  const [removing, goOn] = [latch(), latch()];
  const remove = async (key: string) => {
    removing.open();
    await goOn.opened;
    await deps.artifacts.remove(key);
  };
  const pass = expireSharedFiles({ ...deps, artifacts: { ...deps.artifacts, remove } }, DAYS);
  return { pass, removing: removing.opened, goOn: goOn.open };
}

const somebodyWaits = () => expect.poll(() => countWaiting(deps)).toBeGreaterThan(0);

test('a shared file that nobody has used for long goes with its row', async () => {
  expect(await expireSharedFiles(deps, DAYS + 2)).toBe(0);
  expect(await inStore()).toBe(true);
  expect(await expireSharedFiles(deps, DAYS)).toBe(1);
  expect([await inStore(), await known()]).toEqual([false, false]);
});

test('a file that is used again counts as new', async () => {
  expect(await known()).toBe(true);
  expect(await expireSharedFiles(deps, DAYS)).toBe(0);
  expect(await inStore()).toBe(true);
});

test('a file that the results of a video name is kept', async () => {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  const result = { scenes: [{ kind: 'footage', clips: [{ file: { key: KEY } }] }] };
  await deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by)
     VALUES ($1, 'media_collection', 'h', $2, 'test')`,
    [answer.video_id, JSON.stringify(result)],
  );
  expect(await expireSharedFiles(deps, DAYS)).toBe(0);
  await deps.pool.query('DELETE FROM stage_results');
  expect(await expireSharedFiles(deps, DAYS)).toBe(1);
});

test('a video that asks for a clip during its removal is told that there is none', async () => {
  const held = heldPass();
  await held.removing;
  const found = known();
  await somebodyWaits();
  held.goOn();
  expect(await held.pass).toBe(1);
  expect([await found, await inStore()]).toEqual([false, false]);
});

test('the same content under another name, put during the removal, is there afterwards', async () => {
  const held = heldPass();
  await held.removing;
  const added = addClip('two');
  await somebodyWaits();
  held.goOn();
  await Promise.all([held.pass, added]);
  expect([await known('two'), await inStore()]).toEqual([true, true]);
});

test('a file with two names stays while one of them is in use', async () => {
  await addClip('two');
  expect(await expireSharedFiles(deps, DAYS)).toBe(0);
  expect([await known('one'), await known('two'), await inStore()]).toEqual([false, true, true]);
});
