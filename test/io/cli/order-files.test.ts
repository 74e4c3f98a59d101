import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningApi, serveApi } from '../../../api/serve.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import type { CommandOptions } from '../../support/command-line.ts';
import { runToEnd } from '../../support/command-line.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const folder = tempFolders('order-files-')();
const at = (queueMax: number) => ({
  ...deps,
  config: { ...deps.config, queueMax, api: { host: '127.0.0.1', port: 0 } },
});
let api: RunningApi;

beforeAll(async () => {
  api = await serveApi(at(1_000));
});

afterAll(async () => {
  await api.stop();
  await deps.close();
});

beforeEach(async () => {
  for (const table of ['video_queue', 'order_requests']) await deps.pool.query(`DELETE FROM ${table}`);
});

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const submit = (path: string, flags: string[] = ['--yes'], options?: CommandOptions, url = api.url) =>
  runToEnd(url, ['submit', '--file', path, ...flags], options);

async function orders(): Promise<Record<string, unknown>[]> {
  const { rows } = await deps.pool.query('SELECT request_data FROM video_queue ORDER BY created_at, id');
  return rows.map((row) => row.request_data);
}

test('a CSV file with a mark of order, quoted line breaks and empty cells is ordered in its order', async () => {
  const path = file(
    'good.csv',
    '\ufeffprompt,duration,keywords,publish\r\n"Two\nlines, quoted ""so""",45,"a; b",no\r\n\r\nPlain,,,\r\n',
  );
  const { code, out } = await submit(path, ['--yes', '--channel', 'c1', '--duration', '30']);
  expect(code).toBe(0);
  expect(out).toMatch(/2 orders in 1 batch\nestimated +\$4\.00 for 2: \$2\.00 each\n/);
  const [first, second] = await orders();
  expect(first).toMatchObject({
    prompt: 'Two\nlines, quoted "so"',
    duration: 45,
    keywords: ['a', 'b'],
    channel_id: 'c1',
  });
  expect(second).toMatchObject({ prompt: 'Plain', duration: 30, keywords: [] });
});

test('a Markdown list is ordered, a topic for each bullet', async () => {
  const path = file(
    'good.md',
    '# Head\n\n- One,\n  goes on\n  - duration: 45\n  - Max cost: 1.50\n* Two\n\n```\n- no topic\n```\n1. Three\n',
  );
  expect((await submit(path)).code).toBe(0);
  expect((await orders()).map(({ prompt, duration, max_cost }) => [prompt, duration, max_cost])).toEqual([
    ['One, goes on', 45, 1_500_000],
    ['Two', 60, 3_000_000],
    ['Three', 60, 3_000_000],
  ]);
});

test.each(['topics.csv', 'topics.md'])('examples/%s is a file that can be ordered', async (name) => {
  const { code, json } = await submit(join(projectRoot, 'examples', name), ['--dry-run', '--json']);
  expect(code).toBe(0);
  expect(json()).toMatchObject({ dry_run: true, orders: expect.any(Number), ordered_before: 0 });
  expect(await orders()).toEqual([]);
});

test.each([
  ['a.csv', 'topic\nx\n', /line 1, column 1: "topic" is not a field of an order; did you mean "prompt"/],
  ['b.csv', 'prompt,duratoin\nx,1\n', /line 1, column 2: "duratoin" .* "duration"/],
  ['c.csv', 'prompt,prompt\nx,y\n', /line 1, column 2: "prompt" is there twice/],
  ['d.csv', 'prompt,\nx,y\n', /line 1, column 2: a column has no name/],
  ['e.csv', 'prompt,duration\nx,45\ny,5\n', /line 3, column duration: must be a whole number from 15 to 600/],
  ['f.csv', 'prompt\n"open\n', /a quote is opened and not closed/],
  ['g.csv', 'prompt,duration\nx,45,7\n', /line 2: has another number of cells/],
  ['h.csv', 'prompt,publish\nx,maybe\n', /line 2, column publish/],
  ['i.csv', 'prompt,voice\n"a\nb",\nx,nobody\n', /line 4, column voice: must be one of/],
  ['j.csv', '', /holds no order/],
  ['k.csv', 'prompt\n', /holds no order/],
  ['l.csv', Buffer.from([0x70, 0xff, 0xfe]), /is not text as UTF-8/],
  ['m.md', '- x\n  - duration\n', /line 2: a bullet under a topic must be "key: value"/],
  ['n.md', '- x\n  - lenght: 3\n', /line 2: "lenght" is not a field/],
  ['o.md', '- x\n- y\n  - duration: 5\n', /line 3, duration: must be/],
  ['p.md', '- x\n  - script: y\n', /line 1, order: exactly one of/],
  ['q.txt', 'x', /must end in \.csv or \.md/],
])('%s is refused by its line, and nothing is ordered', async (name, text, line) => {
  const { code, out, errors } = await submit(file(name, text));
  expect([code, out]).toEqual([2, '']);
  expect(errors.join('\n')).toMatch(line);
  expect(await orders()).toEqual([]);
});

test('every wrong line is told, up to twenty', async () => {
  const rows = Array.from({ length: 30 }, (_, n) => `topic ${n},5`);
  const { errors } = await submit(file('many.csv', `prompt,duration\n${rows.join('\n')}\n`));
  expect(errors.filter((line) => /column duration/.test(line))).toHaveLength(20);
  expect(errors).toContain('and 10 more');
});

const manyTopics = (count: number) =>
  `prompt\n${Array.from({ length: count }, (_, n) => `topic ${n}`).join('\n')}\n`;

test('more than a hundred go in batches; after a cut the same command orders the rest, and none twice', async () => {
  const path = file('long.csv', manyTopics(230));
  const narrow = await serveApi(at(150));
  const cut = await submit(path, ['--yes'], {}, narrow.url);
  await narrow.stop();
  expect(cut.code).toBe(1);
  expect(cut.out).toMatch(/230 orders in 3 batches[\s\S]*batch 1 of 3: 100 are ordered/);
  expect(cut.errors).toEqual([expect.stringMatching(/100 of 230 are ordered; run the same command again/)]);
  const again = await submit(path);
  expect(again.code).toBe(0);
  expect(again.out).toMatch(
    /230 orders in 3 batches, 100 of them ordered before\nestimated +\$260\.00 for 130/,
  );
  expect(new Set((await orders()).map(({ prompt }) => prompt)).size).toBe(230);
  expect(await orders()).toHaveLength(230);
  const third = await submit(path, ['--yes', '--json']);
  expect(third.json()).toMatchObject({ ordered_before: 230, estimated_cost: 0 });
});

test('long texts go in as many batches as the API takes bytes', async () => {
  const text = 'word '.repeat(2_300);
  const path = file(
    'texts.csv',
    `script\n${Array.from({ length: 30 }, (_, n) => `${n} ${text}`).join('\n')}\n`,
  );
  const { code, out } = await submit(path);
  expect([code, out]).toEqual([0, expect.stringMatching(/30 orders in 2 batches/)]);
  expect(await orders()).toHaveLength(30);
});

test('it asks before it orders, and orders nothing without a yes', async () => {
  const path = file('ask.csv', manyTopics(2));
  const typed = (text: string) => ({ stdin: Object.assign(Readable.from([`${text}\n`]), { isTTY: true }) });
  const no = await submit(path, [], typed(''));
  expect([no.code, no.errors]).toEqual([1, ['Nothing was ordered.']]);
  expect(no.out).toMatch(/Order 2 videos\? \[y\/N\] $/);
  expect((await submit(path, [])).errors).toEqual([expect.stringMatching(/--yes/)]);
  expect(await orders()).toEqual([]);
  expect((await submit(path, [], typed('yes'))).code).toBe(0);
  expect(await orders()).toHaveLength(2);
});

test('the preview says what such videos have cost and what the limits of the day leave', async () => {
  await deps.pool.query(`INSERT INTO channels (channel_id, daily_limit) VALUES ('capped', 7)`);
  const limited = await serveApi({
    ...at(1_000),
    config: { ...at(1_000).config, money: { ...deps.config.money, dailyLimit: 3_000_000 } },
  });
  const path = file('preview.csv', 'prompt,complexity,channel_id\na,simple,capped\nb,premium,free\n');
  const { out } = await submit(path, ['--dry-run'], {}, limited.url);
  await limited.stop();
  expect(out).toMatch(/estimated +\$4\.80 for 2: mean \$2\.40, from \$2\.00 to \$2\.80\n/);
  expect(out).toMatch(/no premium video is completed yet/);
  expect(out).toMatch(
    /left today +\$3\.00 of the daily limit, \$7\.00 of channel capped; what does not fit waits/,
  );
  expect(out).toMatch(/A dry run: nothing is ordered\.\n$/);
});
