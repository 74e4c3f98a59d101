import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { accepted, dryRun } from '../../../api/openapi/answers.ts';
import { type CommandOptions, runToEnd } from '../../support/command-line.ts';
import { serveApiFor } from '../../support/served-api.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const folder = tempFolders('submit-')();
const api = await serveApiFor(deps);

beforeEach(async () => {
  for (const table of ['video_queue', 'order_requests']) await deps.pool.query(`DELETE FROM ${table}`);
});

const run = (argv: string[], options?: CommandOptions) => runToEnd(api.url, argv, options);

async function rows(): Promise<{ id: string; status: string; request_data: Record<string, unknown> }[]> {
  return (await deps.pool.query('SELECT id, status, request_data FROM video_queue ORDER BY created_at')).rows;
}

test('submit orders with every kind of field, and its --json is the answer of the API', async () => {
  const flags = [
    '--duration',
    '45',
    '--keywords',
    'sea, light',
    '--channel',
    'c1',
    '--max-cost',
    '1.5',
    '--title',
    'A title',
  ];
  const { code, json } = await run(['submit', 'Deep', 'sea', ...flags, '--json']);
  expect(code).toBe(0);
  const { replayed, ...answer } = json();
  expect(accepted.parse(answer).position).toBe(1);
  expect(replayed).toBe(false);
  expect((await rows())[0]?.request_data).toMatchObject({
    prompt: 'Deep sea',
    duration: 45,
    keywords: ['sea', 'light'],
    channel_id: 'c1',
    max_cost: 1_500_000,
    title: 'A title',
  });
});

test('the same submit again orders nothing twice and says so; --again does, and a key of its own counts', async () => {
  await run(['submit', 'Deep sea']);
  const again = await run(['submit', 'Deep sea']);
  expect(again.code).toBe(0);
  expect(again.out).toMatch(/ordered before/);
  expect(await rows()).toHaveLength(1);
  await run(['submit', 'Deep sea', '--again']);
  expect(await rows()).toHaveLength(2);
  await run(['submit', 'Deep sea', '--idempotency-key', 'mine']);
  const other = await run(['submit', 'Other', '--idempotency-key', 'mine']);
  expect([other.code, await rows()]).toEqual([2, expect.objectContaining({ length: 3 })]);
});

test('submit takes an article from a file or standard input, and a dry run keeps nothing', async () => {
  writeFileSync(join(folder, 'a.md'), '# Sea\n\nIt is dark.');
  const dry = await run(['submit', '--article', join(folder, 'a.md'), '--dry-run', '--json']);
  const { replayed: _, ...answer } = dry.json();
  expect(dryRun.parse(answer).estimated_cost).toBe(2);
  expect(await rows()).toEqual([]);
  const piped = await run(['submit', '--article', '-'], { stdin: Readable.from(['Text of ', 'a pipe.']) });
  expect([piped.code, (await rows())[0]?.request_data]).toEqual([
    0,
    expect.objectContaining({ article: 'Text of a pipe.' }),
  ]);
});

test.each([
  [['submit'], /no topic/],
  [['submit', ' '], /the topic: is blank/],
  [['submit', 'x', '--article', 'y'], /a topic and --article: cannot be given together/],
  [['submit', 'x', '--duration', '5'], /--duration.*: must be a whole number from 15 to 600/],
  [['submit', 'x', '--duration', 'long'], /--duration.*: must be a whole number/],
  [['submit', 'x', '--aspect', '4:3'], /--aspect.*: /],
  [['submit', 'x', '--publish-at', '2030-01-01T00:00:00Z'], /--publish-at.*: needs "publish": true/],
  [['submit', 'x', '--voice', 'nobody'], /voice: must be one of/],
  [['submit', 'x', '--duratoin', '45'], /--duratoin.*did you mean "--duration"/],
  [['submit', 'x', '--again', '--idempotency-key', 'k'], /choose one/],
  [['list', '--status', 'lost'], /status/],
  [['list', '--limit', '0'], /--limit "0"/],
  [['list', 'x'], /is not for list/],
  [['status'], /no video/],
  [['status', '1234567'], /"1234567": is no id/],
  [['status', 'zzzzzzzz'], /is no id/],
  [['status', '00000000'], /begins no id/],
  [['status', '00000000-0000-4000-8000-000000000000'], /no video/i],
  [['retry', '00000000', '--from-stage', 'render'], /--from-stage "render": is no stage.*video_rendering/],
  [['costs', '--date', 'yesterday'], /date/],
  [['costs', '00000000', '--date', '2026-01-01'], /choose one/],
  [['halt'], /--yes/],
  [['halt', 'x', '--yes'], /not for halt/],
])('%j is bad input: one line that names it, exit code 2', async (argv, line) => {
  const { code, out, errors } = await run(argv);
  expect([code, out]).toEqual([2, '']);
  expect(errors).toEqual([expect.stringMatching(line)]);
  expect(errors[0]).not.toMatch(/\n/);
});
