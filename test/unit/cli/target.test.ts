import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiAddress } from '../../../cli/client/target.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const folder = tempFolders('target-');

test.each([
  [{}, 'http://127.0.0.1:8787'],
  [{ API_HOST: '0.0.0.0', API_PORT: 9000 }, 'http://127.0.0.1:9000'],
  [{ API_HOST: '::' }, 'http://[::1]:8787'],
  [{ API_HOST: 'farm.example', API_PORT: 0 }, 'http://farm.example:8787'],
])('without a stack the API is where %j says', (env, url) => {
  expect(apiAddress(undefined, env, folder())).toBe(url);
});

test('a named address goes before all; a lock whose owner is dead names none', () => {
  const dataDir = folder();
  writeFileSync(
    join(dataDir, 'lock.json'),
    JSON.stringify({ pid: 2 ** 22, mark: 'x', api: 'http://127.0.0.1:1' }),
  );
  expect(apiAddress(undefined, {}, dataDir)).toBe('http://127.0.0.1:8787');
  expect(apiAddress('https://farm.example/', {}, dataDir)).toBe('https://farm.example');
});
