import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

/** Of every migration that has landed: a database somewhere has run it as it was. */
const LANDED = join(projectRoot, 'test/fixtures/migrations.sha256');
const folder = join(projectRoot, 'infra/migrations');

test('a migration that has landed stays as it is: what is to change needs one of its own', () => {
  const landed = readFileSync(LANDED, 'utf8').trimEnd().split('\n');
  const now = landed.map((line) => {
    const name = line.split('  ')[1] ?? '';
    return `${createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')}  ${name}`;
  });
  expect(now).toEqual(landed);
});

test('every migration has a number of its own', () => {
  const numbers = readdirSync(folder).map((name) => name.slice(0, 3));
  expect(new Set(numbers).size).toBe(numbers.length);
});
