import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

const FOLDERS = ['activities', 'api', 'cli', 'infra', 'workers'];

/** Who may change a column, and nobody else: "change of a row | who, and only who" of the design. */
const OWNERS: Record<string, Record<string, string[]>> = {
  video_queue: {
    status: [
      'infra/moves/retry.ts',
      'infra/queue/admission.ts',
      'infra/queue/release.ts',
      'infra/queue/settle.ts',
    ],
    reason: ['infra/moves/retry.ts', 'infra/queue/release.ts', 'infra/queue/settle.ts'],
    lane: ['infra/moves/retry.ts', 'infra/queue/admission.ts', 'infra/queue/release.ts'],
    claimed_by: [
      'infra/moves/retry.ts',
      'infra/queue/admission.ts',
      'infra/queue/claim.ts',
      'infra/queue/release.ts',
    ],
    admission_no: ['infra/queue/admission.ts'],
    generation: ['infra/moves/retry.ts'],
  },
  video_budget: {
    spent: ['infra/money/holds.ts', 'infra/money/ledger.ts'],
    held: ['infra/money/holds.ts'],
    cap: ['infra/moves/change.ts'],
  },
};

const rules = Object.entries(OWNERS).flatMap(([table, columns]) =>
  Object.entries(columns).map(([column, owners]) => [table, column, owners] as const),
);

test.each(rules)('%s.%s is changed by its owners only', (table, column, owners) => {
  const writers = changesOf(table).filter(({ columns }) => columns.includes(column));
  expect([...new Set(writers.map(({ file }) => file))].sort()).toEqual(owners);
});

test('every change is found with its columns, whatever stands between them', () => {
  expect(changesOf('video_queue').length).toBeGreaterThan(15);
  const text =
    "UPDATE video_queue q SET a = CASE WHEN b = 1 THEN 'x, c = 2' END, d = (SELECT e FROM f), g=1 FROM h";
  expect(columnsSetIn(text.slice(text.indexOf(' a =')))).toEqual(['a', 'd', 'g']);
});

/** The UPDATE statements of a table, each with the columns that it sets. */
function changesOf(table: string): { file: string; columns: string[] }[] {
  const statement = new RegExp(`\\bUPDATE ${table}\\b[^;]*?\\bSET\\b`, 'g');
  return sources().flatMap((file) => {
    const text = readFileSync(join(projectRoot, file), 'utf8');
    return [...text.matchAll(statement)].map(({ 0: head, index }) => ({
      file,
      columns: columnsSetIn(text.slice(index + head.length)),
    }));
  });
}

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
}

/** Names left of the assignments after SET, up to what follows them. What stands in brackets or quotes is left out. */
function columnsSetIn(text: string): string[] {
  const [statement = ''] = text.split('`', 1);
  let bare = statement.replace(/'[^']*'/g, '');
  for (let inner = ''; inner !== bare; ) {
    inner = bare;
    bare = bare.replace(/\([^()]*\)|\{[^{}]*\}/g, '');
  }
  const [assignments = ''] = bare.split(/\b(?:WHERE|FROM|RETURNING)\b/, 1);
  return assignments.split(',').flatMap((part) => /^\s*(\w+)\s*=/.exec(part)?.[1] ?? []);
}
