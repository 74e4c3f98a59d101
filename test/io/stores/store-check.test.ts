import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Secrets } from '../../../infra/settings/secrets.ts';
import { startWorkers } from '../../../workers/run.ts';
import { FakeS3, S3_SECRETS } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const fake = await FakeS3.start();
const open = await s3Machines();
let deps: TestDeps;

beforeAll(async () => {
  deps = await createTestDeps();
});

// Its workers would tell of each of their states.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

afterAll(async () => {
  await deps.close();
  await fake.close();
});

const start = (bucket = bucketOf(fake), secrets: Secrets = S3_SECRETS) =>
  startWorkers({ ...deps, artifacts: open(bucket, { secrets }) }, ['io']);

test('no worker starts with a wrong key, without its bucket, or with a server that is away', async () => {
  await expect(start(bucketOf(fake), { ...S3_SECRETS, s3Secret: 'wrong' })).rejects.toThrow(
    'the key is wrong',
  );
  await expect(start({ ...bucketOf(fake), name: 'none' })).rejects.toThrow('there is no such bucket');
  await expect(start({ ...bucketOf(fake), endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(
    'cannot be reached',
  );
});

test('no worker starts on another store than those before it, whatever it does', async () => {
  await (await start()).stop();
  await expect(start(bucketOf(fake, ['other']))).rejects.toThrow(
    's3://films/other is not the one that this database knows',
  );
  await (await start()).stop();
});

test('what one machine has kept of a render the others find, until any of them drops it', async () => {
  const [one, other] = [open(bucketOf(fake)), open(bucketOf(fake))];
  const segment = join(one.root, 'segment');
  await writeFile(segment, 'segment');
  const { key } = await one.put(segment, 'video/kept/hash-0');
  expect(await other.find(key)).toContain(other.root);
  await other.remove('video/kept/');
  expect(await one.find(key)).toBeNull();
});
