import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSettings } from '../../../cli/check-settings.ts';
import { readEnv } from '../../../infra/settings/env.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const folders = tempFolders('check-settings-');

function priceFile(text: string): string {
  const file = join(folders(), 'prices.json');
  writeFileSync(file, text);
  return file;
}

test.each<[string, NodeJS.ProcessEnv, string]>([
  ['a store of no kind', { ARTIFACTS: 'ftp://files' }, 'ARTIFACTS: expected file:<folder> or s3://'],
  ['a bucket without its key', { ARTIFACTS: 's3://videos' }, 'AWS_ACCESS_KEY_ID'],
  ['a key that is no entry', { API_KEYS: 'secret' }, 'API_KEYS'],
  ['a price list that is missing', { PRICES_FILE: '/nowhere/prices.json' }, '/nowhere/prices.json'],
  ['a price that is none', { PRICES_FILE: priceFile('[{"provider": "openai"}]') }, 'entry 1'],
])('%s is told of before a server is started', (_, env, says) => {
  expect(() => checkSettings(readEnv(env))).toThrow(
    expect.objectContaining({ exitCode: 3, message: expect.stringContaining(says) }),
  );
});

test('settings that are right are taken', () => {
  expect(() => checkSettings(readEnv({}))).not.toThrow();
});
