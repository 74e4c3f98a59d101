import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { pipelineState, video, videoPage } from '../../../api/openapi/answers.ts';
import { dayCosts, videoCosts } from '../../../api/openapi/cost-answers.ts';
import { resources } from '../../../api/openapi/resource-routes.ts';
import { recordExternalCharge } from '../../../infra/money/ledger.ts';
import { submitOrders } from '../../../infra/queue/orders.ts';
import { type CommandOptions, runToEnd } from '../../support/command-line.ts';
import { endRow } from '../../support/scripted-video.ts';
import { serveApiFor } from '../../support/served-api.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const api = await serveApiFor(deps);

beforeEach(async () => {
  for (const table of ['video_queue', 'lane_workers']) await deps.pool.query(`DELETE FROM ${table}`);
  await deps.pool.query('UPDATE pipeline_state SET paused = false, halted = false');
});

const run = (argv: string[], options?: CommandOptions) => runToEnd(api.url, argv, options);

async function ordered(...orders: Parameters<typeof anOrder>[0][]): Promise<string[]> {
  const answer = await submitOrders(
    deps,
    orders.map((each) => anOrder(each)),
  );
  if (!answer.accepted) throw new Error('refused');
  return answer.videos.map(({ video_id }) => video_id);
}

async function rows(): Promise<{ id: string; status: string; request_data: Record<string, unknown> }[]> {
  return (await deps.pool.query('SELECT id, status, request_data FROM video_queue ORDER BY created_at')).rows;
}

test('list filters, goes over pages and says what is left out', async () => {
  await ordered(
    ...Array.from({ length: 5 }, (_, n) => ({ prompt: `topic ${n}`, channel_id: n % 2 ? 'odd' : 'even' })),
  );
  const { out } = await run(['list', '--channel', 'even', '--limit', '2']);
  const lines = out.split('\n');
  expect(lines[0]).toMatch(/^ID +STATUS +STAGE +% +LANE +PRI +COST +AGE +SUBJECT$/);
  expect(lines.filter((line) => line.includes('topic'))).toHaveLength(2);
  expect(lines[1]).toMatch(/^[0-9a-f]{8} {2}queued .* topic 4$/);
  expect(out).toMatch(/There are more/);
  const all = videoPage.parse((await run(['list', '--limit', '500', '--json'])).json());
  expect([all.videos.length, all.next_cursor]).toEqual([5, null]);
  expect((await run(['list', '--status', 'failed'])).out).toBe('No videos.\n');
});

test('a table fits the terminal, and colours come only where they are wanted', async () => {
  await ordered({ title: `${'Very long title of a video '.repeat(3)}`.trim() });
  const { out } = await run(['list'], { columns: 70, colours: true });
  expect(out).toContain('\u001b[');
  const plain = stripVTControlCharacters(out).split('\n');
  expect(Math.max(...plain.map((line) => line.length))).toBeLessThanOrEqual(70);
  expect(plain[1]).toMatch(/…$/);
  expect((await run(['list'], { columns: 70 })).out).not.toContain('\u001b');
});

const EVIL = 'A\u001b[2Jb\u009b31mc\u0007d\u202ee<script>alert(1)</script>';

test('escape sequences and turned text of a title never reach the terminal, by no way', async () => {
  const [id = ''] = await ordered({ title: EVIL });
  for (const argv of [['list'], ['status', id], ['list', '--json'], ['status', id, '--json']]) {
    const { code, out } = await run(argv);
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(out).toContain('<script>alert(1)</script>');
  }
  expect((await run(['status', id, '--json'])).json().subject).toBe(EVIL);
});

test('status shows a video in full by the first characters of its id', async () => {
  await registerPlaces(deps, { cpu: 1 });
  const [id = ''] = await ordered({ prompt: 'Deep sea' });
  await endRow(deps, id, {
    status: 'failed',
    reason: 'bug',
    stage: 'video_rendering',
    message: 'It broke',
    cost: '0.012300',
  });
  const { out } = await run(['status', id.slice(0, 8).toUpperCase()]);
  expect(out).toMatch(new RegExp(`^video +${id}$`, 'm'));
  expect(out).toMatch(/^status +failed, bug$/m);
  expect(out).toMatch(/^cost +\$0\.0123 of at most \$3\.00, estimated \$2\.00$/m);
  expect(video.parse((await run(['status', id.slice(0, 13), '--json'])).json()).video_id).toBe(id);
});

test('an id of several videos is refused until more of it is given', async () => {
  const ids = await ordered({}, {});
  const twins = ['ab12cd34-0000-4000-8000-000000000001', 'ab12cd34-0000-4000-8000-000000000002'];
  await deps.pool.query(`DELETE FROM video_budget`);
  for (const [i, twin] of twins.entries()) {
    await deps.pool.query('UPDATE video_queue SET id = $2 WHERE id = $1', [ids[i], twin]);
    await deps.pool.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, 3)', [twin]);
  }
  const both = await run(['status', 'ab12cd34']);
  expect([both.code, both.errors]).toEqual([2, [expect.stringMatching(/several videos; give more/)]]);
  expect((await run(['status', twins[1] ?? '', '--json'])).json().video_id).toBe(twins[1]);
});

test('cancel takes several, ends with 1 when one has another end, and says which', async () => {
  const [a = '', b = '', c = ''] = await ordered({}, {}, {});
  await endRow(deps, c, { status: 'completed', cost: '0.000000' });
  const some = await run(['cancel', a, c, a.slice(0, 8), '--json']);
  expect(some.code).toBe(1);
  expect(some.json().videos).toEqual([
    { video_id: a, status: expect.stringMatching(/queued|cancelled/) },
    { video_id: c, status: 'completed' },
  ]);
  expect(some.errors).toEqual([`video ${c} has ended as completed`]);
  const fine = await run(['cancel', b]);
  expect([fine.code, fine.out]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^video ${b} is (being )?cancelled\n$`)),
  ]);
});

test('retry makes an ended video again, from a stage too, and is refused by state with 1', async () => {
  const [open = '', failed = ''] = await ordered({}, {});
  await endRow(deps, failed, { status: 'failed', reason: 'bug', cost: '0.000000' });
  const refused = await run(['retry', open, failed, '--from-stage', 'audio_synthesis', '--json']);
  expect(refused.code).toBe(1);
  expect(refused.json().videos).toEqual([
    { video_id: open, error: expect.objectContaining({ code: 'video_not_ended' }) },
    { video_id: failed, status: 'queued' },
  ]);
});

test('pause and resume move one video, or the whole pipeline', async () => {
  const [id = ''] = await ordered({});
  const paused = async () =>
    (await deps.pool.query('SELECT video_paused FROM video_queue')).rows[0].video_paused;
  expect((await run(['pause', id.slice(0, 8)])).code).toBe(0);
  expect(await paused()).toBe(true);
  expect((await run(['resume', id])).code).toBe(0);
  expect(await paused()).toBe(false);
  const all = await run(['pause', '--json']);
  expect(pipelineState.parse(all.json()).status).toBe('paused');
  expect((await run(['resume'])).out).toMatch(/^The pipeline is running\./);
});

test('halt asks on a terminal, halts at yes, and does nothing at anything else', async () => {
  await ordered({});
  const typed = (text: string) => Object.assign(Readable.from([`${text}\n`]), { isTTY: true });
  const no = await run(['halt'], { stdin: typed('n') });
  expect([no.code, no.errors]).toEqual([1, ['Nothing was halted.']]);
  expect((await rows())[0]?.status).toBe('queued');
  const yes = await run(['halt'], { stdin: typed('y') });
  expect([yes.code, yes.out]).toEqual([0, expect.stringMatching(/\[y\/N\] The pipeline is halted\. 1 open/)]);
  expect((await run(['halt', '--yes', '--json'])).json().status).toBe('halted');
});

test('costs tells a video and a day', async () => {
  const [id = ''] = await ordered({ channel_id: 'c9' });
  await recordExternalCharge(deps, {
    video_id: id,
    id: 'i1',
    service: 'youtube_api',
    operation: 'insert',
    amount: 250_000,
  });
  const one = await run(['costs', id.slice(0, 8)]);
  expect(one.out).toMatch(/^total +\$0\.25 of at most \$3\.00$/m);
  expect(one.out).toMatch(/^youtube_api +1 +\$0\.25 +\$0\.25$/m);
  expect(videoCosts.parse((await run(['costs', id, '--json'])).json()).total_cost).toBe(0.25);
  const day = await run(['costs']);
  expect(day.out).toMatch(/^total +\$0\.25$/m);
  expect(day.out).toMatch(/^c9 +0 +\$0\.25$/m);
  expect(dayCosts.parse((await run(['costs', '--date', '2020-01-01', '--json'])).json()).total_cost).toBe(0);
});

test('resources shows lanes and machines, and says when no worker lives', async () => {
  expect((await run(['resources'])).out).toMatch(/No worker is alive/);
  await registerPlaces(deps, { cpu: 3 });
  const { out } = await run(['resources']);
  expect(out).toMatch(/^cpu +3 +0 +3 +0 +0$/m);
  expect(out).toContain(deps.config.machine.id);
  resources.parse((await run(['resources', '--json'])).json());
});

test.each([
  'submit',
  'list',
  'watch',
  'status',
  'cancel',
  'retry',
  'change',
  'publish',
  'delete',
  'pause',
  'resume',
  'halt',
  'costs',
  'resources',
])('%s --help says how it is used, and asks nobody', async (name) => {
  const { code, out } = await runToEnd('http://127.0.0.1:9', [name, '--help']);
  expect(code).toBe(0);
  expect(out).toContain(`npm run ytempire -- ${name}`);
  expect(out).toMatch(/--url URL.*\n.*--key KEY.*\n.*--json[\s\S]*Exit code: 0 /);
});
