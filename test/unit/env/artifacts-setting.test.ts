import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../infra/settings/config.ts';
import { createHide } from '../../../infra/settings/hide-secrets.ts';
import { readApiSecrets, readSecrets } from '../../../infra/settings/secrets.ts';

const SERVERS = { DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x', TEMPORAL_ADDRESS: 'x:1' };
const read = (ARTIFACTS: string, more = {}) =>
  readConfig({ ...SERVERS, ...more, DATA_DIR: '/data', ARTIFACTS });

test('a bucket is named with or without a prefix, and its files are kept below the data folder', () => {
  expect(read('s3://films')).toMatchObject({
    bucket: {
      name: 'films',
      prefix: [],
      region: 'us-east-1',
      endpoint: 'https://s3.us-east-1.amazonaws.com',
    },
    artifactsDir: join(resolve('/data'), 'artifact-cache'),
    artifactCacheBytes: 10 * 1024 ** 3,
  });
  const S3_ENDPOINT = 'http://127.0.0.1:7070';
  expect(read('s3://films/a/b/', { S3_ENDPOINT, S3_REGION: 'eu-north-1' }).bucket).toEqual({
    ...{ name: 'films', prefix: ['a', 'b'], region: 'eu-north-1', endpoint: S3_ENDPOINT },
  });
  expect(read('file:/films')).toMatchObject({ bucket: null, artifactsDir: resolve('/films') });
});

test.each([
  's3://',
  's3://ab',
  's3://Films',
  's3://films/../other',
  's3://films//a',
  'https://films',
  '/films',
])('ARTIFACTS=%s is refused', (value) => {
  expect(() => read(value)).toThrow('ARTIFACTS: expected file:<folder> or s3://<bucket>/<prefix>');
});

test('workers and the API are given the keys of the bucket, and neither shows them', () => {
  const keys = {
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'se/cret+key',
    AWS_SESSION_TOKEN: 'token-of-it',
  };
  for (const secrets of [readSecrets(keys), readApiSecrets(keys)]) {
    expect(secrets).toMatchObject({
      s3KeyId: 'AKIAEXAMPLE',
      s3Secret: 'se/cret+key',
      s3Session: 'token-of-it',
    });
    const hide = createHide(secrets, []);
    expect(hide('AKIAEXAMPLE se/cret+key se%2Fcret%2Bkey token-of-it')).toBe('*** *** *** ***');
  }
});
