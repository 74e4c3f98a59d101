import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StatusAnswer } from '../../../cli/client/api-client.ts';
import { failureLines, videoWords } from '../../../cli/client/failure-text.ts';
import { finishedLines } from '../../../cli/client/result-text.ts';
import { ERROR_KINDS } from '../../../domain/errors.ts';
import { MENDS } from '../../../domain/mends.ts';
import type { StageName } from '../../../domain/stages.ts';
import { projectRoot } from '../../../infra/project-root.ts';

function ended(reason: string | null, stage: StageName | null = 'script_generation'): StatusAnswer {
  const view = { video_id: 'v1', status: 'failed', reason, stage, message: 'What it\nsaid', errors: [] };
  return view as unknown as StatusAnswer;
}

test.each(Object.keys(ERROR_KINDS))(
  'a video that fails for %s says where, why, what was paid, the mend and the next command',
  (kind) => {
    const [what, mend, then] = failureLines(ended(kind), 12_300, videoWords(['A topic']));
    expect(what).toBe(
      `video v1 failed at script_generation, reason ${kind}: What it said; paid so far: $0.0123`,
    );
    expect(mend).toBe(`  what to do   ${MENDS[kind as keyof typeof MENDS]}`);
    const again = kind === 'invalid_input' ? "'A topic'" : '--retry v1';
    expect(then).toBe(`  then         npm run video -- ${again}`);
  },
);

test('the command is one that a shell reads as it was', () => {
  const argv = ["It's $HOME & more", '--out', './a b', '--article', 'x/y.md', '--max-cost', '1.5'];
  expect(failureLines(ended('invalid_input'), 0, videoWords(argv)).at(-1)).toBe(
    `  then         npm run video -- 'It'\\''s $HOME & more' --out './a b' --article x/y.md --max-cost 1.5`,
  );
});

test('a watched video, and a reason of a later version, still end with a command', () => {
  expect(failureLines(ended('something_new'), 0, videoWords(null))).toEqual([
    'video v1 failed at script_generation, reason something_new: What it said; paid so far: $0.00',
    '  then         npm run video -- --retry v1',
  ]);
});

test('warnings of a finished video are shown once each, in one line', () => {
  const warning = {
    stage: 'media_collection',
    code: 'footage_missing',
    message: 'scene 2:\nnothing fits',
  } as const;
  const lines = finishedLines({
    folder: 'out/x',
    elapsedMs: 60_000,
    cost: 0,
    bill: null,
    production: null,
    providers: {},
    warnings: [warning, warning],
  });
  expect(lines.filter((line) => line.startsWith('Warning'))).toEqual([
    'Warning footage_missing at media_collection: scene 2: nothing fits',
  ]);
});

test('docs/getting-started.md lists every reason with its mend', () => {
  const page = readFileSync(join(projectRoot, 'docs/getting-started.md'), 'utf8');
  for (const [reason, mend] of Object.entries(MENDS)) expect(page).toContain(`| ${reason} | ${mend} |`);
});
