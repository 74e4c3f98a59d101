import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { openArtifacts } from '../../../infra/artifacts/store.ts';
import { NO_SECRETS } from '../../../infra/settings/secrets.ts';
import { testConfig } from '../../support/test-deps.ts';
import { describeStore } from './artifact-conformance.ts';

const config = await testConfig();
const store = openArtifacts(config, NO_SECRETS);
const folder = await mkdtemp(join(tmpdir(), 'ytempire-artifacts-'));

afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(config.dataDir, { recursive: true });
});

describeStore('file', () => ({
  elsewhere: () =>
    openArtifacts({ ...config, machine: { ...config.machine, id: `machine-${Math.random()}` } }, NO_SECRETS),
  damage: (key, bytes) => writeFile(join(config.artifactsDir, key), bytes),
  keys: async () => {
    const entries = await readdir(config.artifactsDir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => relative(config.artifactsDir, join(parentPath, name)));
  },
}));

test('a link inside the store leads nowhere', async () => {
  const outside = join(folder, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'secret'), 'hello');
  await symlink(outside, join(config.artifactsDir, 'way-out'));
  await symlink(join(outside, 'secret'), join(config.artifactsDir, 'link'));
  const file = join(folder, 'file.txt');
  await writeFile(file, 'hello');
  const { sha256 } = await store.put(file, 'v4/file.txt');
  for (const key of ['way-out/secret', 'link', 'way-out']) {
    const refused = { kind: 'infrastructure', message: expect.stringContaining('behind a link') };
    await expect(store.open({ key, sha256, bytes: 5 })).rejects.toMatchObject(refused);
    await expect(store.find(key)).rejects.toMatchObject(refused);
    await expect(buffer(store.read(key, { first: 0, last: 4 }))).rejects.toMatchObject(refused);
    await expect(store.put(file, `${key}/new`)).rejects.toMatchObject(refused);
    await expect(store.remove(key)).rejects.toMatchObject(refused);
  }
  expect(await readdir(outside)).toEqual(['secret']);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('hello');
});
