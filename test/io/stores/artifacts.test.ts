import { createHash } from 'node:crypto';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openArtifacts } from '../../../infra/artifacts.ts';
import { testConfig } from '../../support/test-deps.ts';

const config = await testConfig();
const store = openArtifacts(config);
const folder = await mkdtemp(join(tmpdir(), 'ytempire-artifacts-'));

afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(config.dataDir, { recursive: true });
});

async function aFile(text: string): Promise<string> {
  const path = join(folder, 'file.txt');
  await writeFile(path, text);
  return path;
}

test('a file that was put is opened under its key, readable by all, with its hash and size', async () => {
  const ref = await store.put(await aFile('hello'), 'v1/run-1/file.txt');
  const sha256 = createHash('sha256').update('hello').digest('hex');
  expect(ref).toEqual({ key: 'v1/run-1/file.txt', sha256, bytes: 5 });
  const path = await store.open(ref);
  expect(await readFile(path, 'utf8')).toBe('hello');
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect(await readdir(join(config.artifactsDir, 'v1/run-1'))).toEqual(['file.txt']);
});

test('a changed or missing artifact is an infrastructure error that names it', async () => {
  const ref = await store.put(await aFile('hello'), 'v2/file.txt');
  await writeFile(join(config.artifactsDir, 'v2/file.txt'), 'hellO');
  await expect(store.open(ref)).rejects.toMatchObject({ kind: 'infrastructure' });
  await appendFile(join(config.artifactsDir, 'v2/file.txt'), '!');
  await expect(store.open(ref)).rejects.toThrow('artifact v2/file.txt is not the file that was stored');
  await store.remove('v2/');
  await expect(store.open(ref)).rejects.toThrow('artifact v2/file.txt is missing');
  expect(await store.find('v2/file.txt')).toBeNull();
});

test('a file that cannot be read leaves nothing in the store', async () => {
  await expect(store.put(join(folder, 'none'), 'v3/none')).rejects.toThrow('ENOENT');
  expect(await readdir(join(config.artifactsDir, 'v3'))).toEqual([]);
});

test.each(['../out', 'a/../../out', '/etc/passwd', 'a//b', '', '.', 'a\0b', 'a\\..\\b'])(
  'the key %j is refused',
  async (key) => {
    await expect(async () => store.put(await aFile('x'), key)).rejects.toThrow('not a key');
    await expect(async () => store.find(key)).rejects.toThrow('not a key');
    await expect(async () => store.remove(key)).rejects.toThrow('not a key');
  },
);

test('a link inside the store leads nowhere', async () => {
  const outside = join(folder, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'secret'), 'hello');
  await symlink(outside, join(config.artifactsDir, 'way-out'));
  await symlink(join(outside, 'secret'), join(config.artifactsDir, 'link'));
  const { sha256 } = await store.put(await aFile('hello'), 'v4/file.txt');
  for (const key of ['way-out/secret', 'link', 'way-out']) {
    const refused = { kind: 'infrastructure', message: expect.stringContaining('behind a link') };
    await expect(store.open({ key, sha256, bytes: 5 })).rejects.toMatchObject(refused);
    await expect(store.find(key)).rejects.toMatchObject(refused);
    await expect(store.put(await aFile('x'), `${key}/new`)).rejects.toMatchObject(refused);
    await expect(store.remove(key)).rejects.toMatchObject(refused);
  }
  expect(await readdir(outside)).toEqual(['secret']);
});

test('the marker of a store is made once, whoever asks first', async () => {
  const markers = await Promise.all(Array.from({ length: 8 }, () => openArtifacts(config).marker()));
  expect(new Set(markers).size).toBe(1);
  expect(markers[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test('free bytes are those of the disk', async () => {
  expect(await store.freeBytes()).toBeGreaterThan(1_000_000);
});
