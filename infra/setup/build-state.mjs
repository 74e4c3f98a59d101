import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from './sources.mjs';

/** Each output of the build and what it is made from; `mark` remembers the sources' hash. */
const PARTS = {
  processes: {
    mark: 'processes.hash',
    places: [
      'domain',
      'infra',
      'activities',
      'workers',
      'api',
      'cli',
      'test/bench',
      'test/chaos',
      'test/support',
      'tsconfig.json',
      'package-lock.json',
    ],
  },
  workflows: {
    mark: 'workflows.hash',
    places: ['domain', 'workflows', 'infra/build.mjs', 'package-lock.json'],
  },
  page: {
    mark: 'page.hash',
    places: ['domain', 'api/page', 'infra/build-page.mjs', 'package-lock.json'],
  },
};

/** Which parts of `.build` differ from the sources: their names, with the hash that a build of them gets. */
export function staleParts(root) {
  return Object.entries(PARTS)
    .map(([name, { mark, places }]) => ({
      name,
      mark: join(root, '.build', mark),
      hash: hashOf(root, places),
    }))
    .filter(({ mark, hash }) => !existsSync(mark) || readFileSync(mark, 'utf8') !== hash);
}
