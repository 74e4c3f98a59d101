import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SceneMedia } from '../../../domain/results.ts';
import { aScript, type Collected, type FootageWorld, footageOf, openFootageWorld } from './footage-world.ts';

/** Collected once before the tests. */
const known = aScript(['blue coral', 'crab']);

let world: FootageWorld;
let first: Collected;
beforeAll(async () => {
  world = await openFootageWorld();
  first = await world.collect(known);
});
afterAll(() => world.close());

const filesOf = (scenes: readonly SceneMedia[]) =>
  scenes.flatMap((scene) => footageOf(scene).clips).map(({ file }) => file);

test('a second video with the same words makes no call and charges no search', async () => {
  const calls = { ...world.fake.calls };
  const second = await world.collect(known);
  expect(world.fake.calls).toEqual(calls);
  expect(second.stage.charges).toEqual([]);
  expect(footageOf(second.scenes[0]).clips).toEqual(footageOf(first.scenes[0]).clips);
});

test('the case and the spaces of a word make no difference', async () => {
  const calls = { ...world.fake.calls };
  await world.collect(aScript([' Blue   CORAL ', 'Crab']));
  expect(world.fake.calls).toEqual(calls);
});

test('a search whose answer is too old is asked again, its files are not downloaded again', async () => {
  world.answers.clear();
  const { search, file } = { ...world.fake.calls };
  await world.collect(known);
  expect(world.fake.calls).toEqual({ search: search + 2, file });
});

test('a stored answer of another version counts as none', async () => {
  const { search } = world.fake.calls;
  const crab = [...world.answers.keys()].find((key) => key.includes('crab')) ?? '';
  world.answers.set(crab, { clips: 1 });
  await world.collect(known);
  expect(world.fake.calls.search).toBe(search + 1);
});

test('a file that is gone from the store is downloaded again', async () => {
  const [file] = filesOf(first.scenes);
  expect(file?.key).toMatch(/^shared\/footage\/[0-9a-f]{64}\.mp4$/);
  await rm(join(world.deps.config.artifactsDir, file?.key ?? ''));
  const again = await world.collect(known);
  for (const each of filesOf(again.scenes)) await world.deps.artifacts.open(each);
});

test('two videos at once may both fetch, and both get whole files', async () => {
  const script = aScript(['tide', 'wave'], ['storm', 'tide']);
  const both = await Promise.all([world.collect(script), world.collect(script)]);
  for (const { scenes } of both) {
    const files = filesOf(scenes);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) await world.deps.artifacts.open(file);
  }
});
