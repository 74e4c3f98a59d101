import { join, resolve } from 'node:path';
import type { Env } from './env.ts';

/** A bucket of an S3-compatible server. */
export interface BucketConfig {
  name: string;
  /** Parts of what stands before every key. */
  prefix: string[];
  endpoint: string;
  region: string;
}

/** Where finished videos and their parts lie, and for how long. */
export interface ArtifactsConfig {
  /** Root folder of the artifact store; with a bucket that of its files that this machine keeps. */
  artifactsDir: string;
  /** Where artifacts lie when it is no folder. */
  bucket: BucketConfig | null;
  /** With a bucket: so much of it is kept in `artifactsDir`. */
  artifactCacheBytes: number;
  /** Files of a video are removed so many days after its end, shared ones after their last use; 0 = never. */
  artifactDays: number;
}

const BUCKET_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.-]+)*)\/?$/;

/** Where artifacts lie; throws an Error when ARTIFACTS is neither a folder nor a bucket. */
export function artifactsConfig(env: Env, dataDir: string): ArtifactsConfig {
  const url = env.ARTIFACTS ?? `file:${join(dataDir, 'artifacts')}`;
  const kept = {
    artifactCacheBytes: (env.ARTIFACT_CACHE_MB ?? 10_240) * 1024 ** 2,
    artifactDays: env.ARTIFACT_DAYS ?? 30,
  };
  if (url.startsWith('file:')) {
    return { ...kept, artifactsDir: resolve(url.slice('file:'.length)), bucket: null };
  }
  const [, name, path = ''] = BUCKET_URL.exec(url) ?? [];
  const prefix = path.split('/').filter((part) => part !== '');
  if (name === undefined || prefix.some((part) => /^\.+$/.test(part))) {
    throw new Error(`ARTIFACTS: expected file:<folder> or s3://<bucket>/<prefix>, not "${url}"`);
  }
  const region = env.S3_REGION ?? 'us-east-1';
  const endpoint = env.S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`;
  const artifactsDir = join(dataDir, 'artifact-cache');
  return { ...kept, artifactsDir, bucket: { name, prefix, endpoint, region } };
}
