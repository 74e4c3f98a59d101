import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../infra/project-root.ts';

const folder = join(projectRoot, '.build/page');
const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
const read = (name: string) => readFileSync(join(folder, name));

/** The script and all that it imports before it can run. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, imported = ''] of read(name)
    .toString()
    .matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)) {
    withImports(imported, seen);
  }
  return seen;
}

const entry = names.find((name) => /^page-/.test(name)) ?? '';

test.each(['overview', 'order', 'video'])('the %s loads at most 60 kB of script', (view) => {
  const script = names.find((name) => name.startsWith(`${view}-page-`)) ?? '';
  const loaded = [...new Set([...withImports(entry), ...withImports(script)])];
  expect(loaded.length).toBeGreaterThan(2);
  expect(loaded.reduce((sum, name) => sum + read(name).length, 0)).toBeLessThanOrEqual(60_000);
});

test('all views together send at most 34 kB of compressed script', () => {
  expect(names.reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0)).toBeLessThanOrEqual(
    34_000,
  );
});
