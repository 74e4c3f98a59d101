import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type ArtifactStore, openArtifacts } from '../../infra/artifacts/store.ts';
import type { BucketConfig } from '../../infra/settings/artifacts-config.ts';
import type { Config } from '../../infra/settings/config.ts';
import type { Secrets } from '../../infra/settings/secrets.ts';
import { type FakeS3, S3_REGION, S3_SECRETS } from './fakes/s3.ts';
import { tempFolders } from './temp-folders.ts';
import { testConfig } from './test-deps.ts';

/** Opens a bucket's store as machines do that share nothing else; their folders go after the tests of the file. */
export async function s3Machines(): Promise<
  (
    bucket: BucketConfig,
    options?: { secrets?: Secrets; config?: Partial<Config> },
  ) => ArtifactStore & { root: string }
> {
  const folders = tempFolders('ytempire-s3-');
  const base = await testConfig();
  return (bucket, { secrets = S3_SECRETS, config = {} } = {}) => {
    const artifactsDir = join(folders(), 'artifact-cache');
    const machine = { ...base.machine, id: randomUUID() };
    const store = openArtifacts({ ...base, bucket, artifactsDir, machine, ...config }, secrets);
    return { ...store, root: config.artifactsDir ?? artifactsDir };
  };
}

/** The bucket of a fake, below a prefix. */
export function bucketOf(fake: FakeS3, prefix = ['films', 'one']): BucketConfig {
  return { name: fake.bucket, prefix, endpoint: fake.endpoint, region: S3_REGION };
}
