import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Usage } from '../../../domain/results.ts';
import type { ArtifactStore } from '../../../infra/artifacts/store.ts';
import { startFakeOpenAi } from '../../support/fakes/openai.ts';
import { voiceOn } from '../../support/fakes/openai-voice.ts';
import { FakeS3 } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { type TestAnswers, testPay } from '../../support/test-pay.ts';

const SENTENCES = ['The deep sea glows.', 'Nobody knows why.', 'Fish make their own light.'];

const [openai, bucket, machine] = await Promise.all([startFakeOpenAi(), FakeS3.start(), s3Machines()]);
const { voice } = voiceOn(openai, process.env['FFMPEG_PATH'] ?? 'ffmpeg');
const folder = tempFolders('speech-outage-');
beforeEach(() => {
  openai.reset();
  bucket.mishap = () => null;
  bucket.bucketIsThere = true;
});
afterAll(() => Promise.all([openai.close(), bucket.close()]));

/** The narrations of one video, by attempts that each have the files of their machine alone. */
function narration() {
  const charges: Usage[] = [];
  const answers: TestAnswers = new Map();
  const attempt = (store: ArtifactStore, dir = folder()) =>
    voice.speak(SENTENCES, dir, {
      signal: new AbortController().signal,
      pay: testPay(charges, answers),
      share: (path, name) => store.put(path, `shared/${name}/${randomUUID()}.wav`),
      fetch: (ref) => store.open(ref),
      kept: { keep: async (path, name) => store.open(await store.put(path, `video/kept/${name}`)) },
    });
  return { charges, attempt };
}

const newMachine = () => machine(bucketOf(bucket));
const AWAY = { kind: 'infrastructure', message: expect.stringContaining('there is no such bucket') };

test('while the bucket is away no attempt buys a sentence that it could not keep', async () => {
  const { charges, attempt } = narration();
  const store = newMachine();
  bucket.bucketIsThere = false;
  for (let n = 0; n < 3; n += 1) await expect(attempt(store)).rejects.toMatchObject(AWAY);
  expect(openai.calls.speech).toBe(0);
  bucket.bucketIsThere = true;
  const dir = folder();
  await attempt(store, dir);
  expect(await readdir(dir)).toHaveLength(SENTENCES.length);
  expect(charges).toHaveLength(SENTENCES.length);
});

test('a bucket that goes away between a sentence and its file costs the sentences of that attempt alone', async () => {
  const { charges, attempt } = narration();
  const store = newMachine();
  bucket.mishap = ({ key }) => {
    if (key.includes('/shared/')) bucket.bucketIsThere = false;
    return null;
  };
  for (let n = 0; n < 3; n += 1) await expect(attempt(store)).rejects.toMatchObject(AWAY);
  expect(charges.length).toBeLessThanOrEqual(SENTENCES.length);
  expect(openai.calls.speech).toBe(charges.length);
});

test('a stored sentence that the bucket does not give now is waited for, one that is gone is spoken anew', async () => {
  const { charges, attempt } = narration();
  await attempt(newMachine());
  const other = newMachine();
  bucket.mishap = ({ method }) => (method === 'GET' ? { status: 403, code: 'AccessDenied' } : null);
  await expect(attempt(other)).rejects.toMatchObject({ kind: 'infrastructure' });
  expect(charges).toHaveLength(SENTENCES.length);
  bucket.mishap = () => null;
  await attempt(other);
  expect(charges).toHaveLength(SENTENCES.length);
  for (const key of bucket.objects.keys()) if (key.includes('/shared/')) bucket.objects.delete(key);
  await attempt(newMachine());
  expect(charges).toHaveLength(2 * SENTENCES.length);
});
