import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../domain/contract.ts';
import { failureCatalogue } from '../../domain/failures.ts';
import { toNumeric } from '../../domain/money.ts';
import { boundText, type CheckSpec, QUALITY_CHECKS } from '../../domain/quality.ts';
import { STAGES } from '../../domain/stages.ts';
import { projectRoot } from '../../infra/project-root.ts';

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

/** Cells of the table rows whose first cell matches. */
function rows(markdown: string, first: RegExp): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([cell]) => first.test(cell ?? ''));
}

test('the table of events lists each type with its fields', () => {
  const declared = [...read('domain/events.ts').matchAll(/^ {2}'([a-z.]+)': \{([^}]*)\}/gm)].map(
    ([, type = '', fields = '']) => [type, [...fields.matchAll(/(\w+)\??:/g)].map((match) => match[1])],
  );
  expect(declared.length).toBeGreaterThan(10);
  const listed = rows(
    read('docs/events.md'),
    /^(video|stage|provider|quality|cost|disk|lane|pipeline)\.[a-z]+$/,
  );
  expect(listed.map(([type, fields]) => [type, fields?.split(', ')])).toEqual(declared);
});

test('the table of stages says what the code does', () => {
  const expected = Object.values(STAGES).map((stage) => [
    stage.name,
    stage.queue === 'io' ? 'io' : "the video's lane",
    `${stage.limitMs / 1000} s`,
    String(stage.retries),
    `$${Number(toNumeric(stage.estimate)).toFixed(2)}`,
  ]);
  expect(rows(read('docs/architecture.md'), /^[a-z]+_[a-z]+$/)).toEqual(expected);
});

test('the table of quality checks says what the code does', () => {
  const expected = Object.entries<CheckSpec>(QUALITY_CHECKS).map(([name, check]) => [
    name,
    check.measures,
    `${boundText(check.bound)} ${check.unit}`.trim(),
    check.hard ? 'hard' : 'soft',
    check.mends ?? 'none',
  ]);
  expect(rows(read('docs/quality.md'), /^(?!check$)[a-z_]+$/)).toEqual(expected);
});

test('the catalogue of failures says what the code does', () => {
  expect(rows(read('docs/failures.md'), /^(?!kind$)[a-z_]+$/)).toEqual(failureCatalogue());
});

test('the table of search attributes names every one', () => {
  const named = rows(read('docs/operations.md'), /^[A-Z][A-Za-z]+(, [A-Z][A-Za-z]+)?$/).flatMap(([names]) =>
    names?.split(', '),
  );
  expect(new Set(named)).toEqual(new Set(Object.keys(SEARCH_ATTRIBUTES)));
});

test('every promise in docs/proofs.md names a test file that exists and holds that test', () => {
  const proofs = rows(read('docs/proofs.md'), /.+/).filter(([, file]) => file?.startsWith('test/'));
  expect(proofs.length).toBeGreaterThan(20);
  for (const [promise, file = '', name = ''] of proofs) {
    expect(existsSync(join(projectRoot, file)), `${promise}: ${file}`).toBe(true);
    expect(read(file), `${promise}: "${name}" in ${file}`).toContain(name.replaceAll('\\', ''));
  }
});
