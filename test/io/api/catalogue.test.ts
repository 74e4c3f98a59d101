import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { catalogue } from '../../../api/openapi/answers.ts';
import type { Config } from '../../../infra/settings/config.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const folder = tempFolders('catalogue-test-');
const musicDir = folder();
for (const file of ['Night Walk.mp3', 'soft.wav', 'notes.txt']) writeFileSync(join(musicDir, file), '');

afterAll(() => deps.close());

async function ask(body: object, changed: Partial<Config> = {}) {
  const app = createApp({ ...deps, config: { ...deps.config, ...changed } });
  const answer = await app.request('/pipeline/queue', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'x', dry_run: true, ...body }),
  });
  return (await answer.json()) as { errors?: { field: string; message: string }[]; dry_run?: boolean };
}

const speech = { baseUrl: 'https://api.openai.com/v1', model: 'gpt-4o-mini-tts', voice: 'alloy' };
const paid = { providers: { ...deps.config.providers, speech } };

test('an order names a voice, music and captions of the catalogue', async () => {
  const chosen = { voice: 'emma', music: 'Night Walk', captions: 'clean' };
  expect(await ask(chosen, { musicDir })).toMatchObject({ dry_run: true });
  expect(await ask({ music: 'soft', captions: 'none' })).toMatchObject({ dry_run: true });
  expect(await ask({ voice: 'nova' }, paid)).toMatchObject({ dry_run: true });
});

test('a voice that this configuration does not have is refused with those that it has', async () => {
  expect((await ask({ voice: 'nova' })).errors).toEqual([
    { field: 'voice', message: 'must be one of heart, emma, fable, fenrir, kore, flite, espeak-ng' },
  ]);
  expect((await ask({ voice: 'emma' }, paid)).errors?.[0]).toMatchObject({ field: 'voice' });
});

test('music is a name of the catalogue and never a path', async () => {
  for (const music of ['notes', '../Night Walk', join(musicDir, 'Night Walk.mp3'), 'Night Walk.mp3']) {
    expect((await ask({ music }, { musicDir })).errors).toEqual([
      { field: 'music', message: 'must be one of soft, Night Walk' },
    ]);
  }
  expect((await ask({ music: 'Night Walk' })).errors?.[0]?.message).toBe('must be one of soft');
});

test('the catalogue lists what an order may name', async () => {
  const app = createApp({ ...deps, config: { ...deps.config, musicDir } });
  const answer = await app.request('/catalogue');
  expect(catalogue.parse(await answer.json())).toEqual({
    voices: ['heart', 'emma', 'fable', 'fenrir', 'kore', 'flite', 'espeak-ng'],
    music: ['soft', 'Night Walk'],
  });
});
