import { readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FakeS3 } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const LIMIT = 100_000;
const FILE = Buffer.alloc(30_000, 'film');
const fake = await FakeS3.start();
const open = await s3Machines();
const folders = tempFolders('ytempire-cache-');

afterAll(() => fake.close());

async function filledMachine(names: string[]) {
  const store = open(bucketOf(fake), { config: { artifactCacheBytes: LIMIT } });
  const path = join(folders(), 'file');
  await writeFile(path, FILE);
  const put = (name: string) => store.put(path, `${name}/film`);
  for (const name of names) await put(name);
  const cached = async () => {
    const entries = await readdir(store.root, { recursive: true });
    return entries
      .filter((name) => name.endsWith('/film'))
      .map(dirname)
      .sort();
  };
  return { store, put, cached, age: (name: string, minutes: number) => age(join(store.root, name), minutes) };
}

/** As if the file had last been used so long ago. */
async function age(folder: string, minutes: number): Promise<void> {
  const at = new Date(Date.now() - minutes * 60_000);
  await utimes(join(folder, 'film'), at, at);
}

test('the files that were used longest ago go when the cache is full, and later their folders', async () => {
  const { store, put, cached, age } = await filledMachine(['a', 'b', 'c']);
  await age('a', 30);
  await age('b', 20);
  await age('c', 40);
  await put('d');
  await store.removeParts();
  expect(await cached()).toEqual(['a', 'b', 'd']);
  const emptied = new Date(Date.now() - 3_600_000);
  await utimes(join(store.root, 'c'), emptied, emptied);
  await store.removeParts();
  expect(await readdir(store.root)).not.toContain('c');
  expect(await store.find('c/film')).toContain('c/film');
});

test('a file that was used in the last minutes stays, however full the cache is', async () => {
  const { store, put, cached, age } = await filledMachine(['a', 'b', 'c']);
  for (const name of ['a', 'b', 'c']) await age(name, 30);
  await store.find('a/film');
  for (const name of ['d', 'e', 'f', 'g']) await put(name);
  expect(await cached()).toEqual(['a', 'd', 'e', 'f', 'g']);
});

test('several workers of a machine fill and empty one cache at once', async () => {
  const first = open(bucketOf(fake), { config: { artifactCacheBytes: LIMIT } });
  const config = { artifactCacheBytes: LIMIT, artifactsDir: first.root };
  const workers = [first, ...Array.from({ length: 3 }, () => open(bucketOf(fake), { config }))];
  const path = join(folders(), 'file');
  await writeFile(path, FILE);
  await Promise.all(
    workers.flatMap((worker, of) =>
      Array.from({ length: 10 }, async (_, at) => {
        const ref = await worker.put(path, `busy/${of}-${at}/film`);
        await worker.removeParts();
        await expect(worker.open(ref)).resolves.toContain('film');
      }),
    ),
  );
});
