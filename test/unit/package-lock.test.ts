import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

const lock: { packages: Record<string, { resolved?: string; integrity?: string }> } = JSON.parse(
  readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'),
);

const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-x64', 'linux-arm64'];

/** Names of a platform's package of each tool that ships native code. */
const NATIVE = [
  (platform: string) => `@swc/core-${platform.replace(/^linux-.*/, '$&-gnu')}`,
  (platform: string) => `@napi-rs/canvas-${platform.replace(/^linux-.*/, '$&-gnu')}`,
  (platform: string) => `@esbuild/${platform}`,
  (platform: string) => `@biomejs/cli-${platform}`,
];

test.each(PLATFORMS)('the lock file holds every native package for %s', (platform) => {
  const missing = NATIVE.map((name) => name(platform)).filter(
    (name) => !lock.packages[`node_modules/${name}`],
  );
  expect(missing).toEqual([]);
});

test('the lock file names no registry host, so that any mirror serves it', () => {
  const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.includes('://'));
  expect(named.map(([name]) => name)).toEqual([]);
});

test('every package of the lock file is pinned by its hash', () => {
  const loose = Object.entries(lock.packages).filter(([name, { integrity }]) => name !== '' && !integrity);
  expect(loose.map(([name]) => name)).toEqual([]);
});
