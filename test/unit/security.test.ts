import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

test('every attempt in SECURITY.md has a defence, and a test that exists', () => {
  const rows = read('SECURITY.md')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells[3]?.startsWith('test/'));
  expect(rows.length).toBeGreaterThan(30);
  for (const [, attempt, defence, file = '', name = ''] of rows) {
    expect(defence, attempt).not.toBe('');
    expect(existsSync(join(projectRoot, file)), `${attempt}: ${file}`).toBe(true);
    expect(name, attempt).not.toBe('');
    expect(read(file), `${attempt}: "${name}" in ${file}`).toContain(name);
  }
});
