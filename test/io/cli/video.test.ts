import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningApi, serveApi } from '../../../api/serve.ts';
import { runVideo } from '../../../cli/video.ts';
import type { NewEvent } from '../../../domain/events.ts';
import { STAGE_NAMES } from '../../../domain/stages.ts';
import type { Deps } from '../../../infra/deps.ts';
import { endRow, publishAll, storePackage } from '../../support/scripted-video.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

let deps: TestDeps;
let local: Deps;
let api: RunningApi;
let folder: string;
let out: string;

beforeAll(async () => {
  deps = await createTestDeps({ temporal: { ui: 'http://127.0.0.1:8233' } });
  local = { ...deps, config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } } };
  api = await serveApi(local, { recheckMs: 1_000 });
  folder = await mkdtemp(join(tmpdir(), 'video-command-'));
});

beforeEach(async () => {
  out = join(await mkdtemp(join(folder, 'case-')), 'made', 'here');
});

afterAll(async () => {
  await api.stop();
  await deps.close();
  await rm(folder, { recursive: true });
});

const stack = () => Promise.resolve({ api: api.url, temporalUi: null });

/** Id of the newest order of this channel, as soon as it is in the database. */
async function orderedVideo(channel: string): Promise<string> {
  let id: string | undefined;
  await expect
    .poll(async () => {
      const { rows } = await deps.pool.query<{ id: string }>(
        'SELECT id FROM video_queue WHERE channel_id = $1 ORDER BY created_at DESC LIMIT 1',
        [channel],
      );
      id = rows[0]?.id;
      return id;
    })
    .toBeDefined();
  return id as string;
}

const METADATA = {
  title: 'The Deep Sea',
  production: { script: 'article', offline: true },
};
const bill = (videoId: string) => ({
  video_id: videoId,
  currency: 'USD',
  total_cost: 0.0123,
  cap: 3,
  within_budget: true,
  charges: [
    line('cpu_compute', 'audio_synthesis', 0.0023),
    line('cpu_compute', 'video_rendering', 0.01),
    line('tts', 'speech', 0),
  ],
});

function line(service: string, operation: string, amount: number) {
  return { stage: null, service, operation, quantity: 1, unit: 's', amount, state: 'charged' };
}

function stageEvents(videoId: string): NewEvent[] {
  return STAGE_NAMES.flatMap((stage): NewEvent[] => [
    { type: 'stage.started', video_id: videoId, stage, attempt: 1, progress: 0 },
    { type: 'stage.progress', video_id: videoId, stage, percent: 60, progress: 10 },
    {
      type: 'stage.completed',
      video_id: videoId,
      stage,
      progress: 20,
      duration_ms: 1500,
      cost: 0,
      reused: false,
      providers: {},
    },
  ]);
}

/** What the pipeline would do to an order. */
async function produce(videoId: string): Promise<void> {
  await publishAll(deps, [
    { type: 'video.admitted', video_id: videoId, lane: 'cpu', admission_no: 1 },
    ...stageEvents(videoId),
    {
      type: 'cost.charged',
      video_id: videoId,
      service: 'cpu_compute',
      operation: 'all',
      amount: 0.0123,
      total: 0.0123,
    },
  ]);
  await storePackage(deps, videoId, {
    'video.mp4': 'film',
    'metadata.json': JSON.stringify(METADATA),
    'bill.json': JSON.stringify(bill(videoId)),
  });
  await endRow(deps, videoId, { status: 'completed', cost: '0.012300' });
  await deps.events.publish({
    type: 'video.completed',
    video_id: videoId,
    cost: 0.0123,
    title: METADATA.title,
    duration_ms: 60_000,
  });
}

function start(argv: string[], terminal = createTestTerminal()) {
  return { terminal, ending: runVideo([...argv, '--out', out], stack, terminal) };
}

test('orders an article, shows each stage and ends with the folder, the bill and how it was made', async () => {
  const article = join(folder, 'article.md');
  await writeFile(article, '# Deep sea\n\nIt is dark.');
  const { terminal, ending } = start(['--article', article, '--channel', 'c1', '--max-cost', '1.5']);
  const id = await orderedVideo('c1');
  // Whoever comes to its stream later sees what it has cost in the end from the first line on.
  await expect.poll(() => terminal.out).toContain('queued, position');
  await produce(id);
  expect(await ending).toBe(0);
  expect(terminal.errors).toEqual([]);

  const { rows } = await deps.pool.query('SELECT request_data FROM video_queue WHERE id = $1', [id]);
  expect(rows[0].request_data).toMatchObject({ article: '# Deep sea\n\nIt is dark.', max_cost: 1_500_000 });

  const made = join(out, `the-deep-sea-${id.slice(0, 8)}`);
  expect((await readdir(made)).sort()).toEqual(['bill.json', 'metadata.json', 'video.mp4']);
  expect(await readFile(join(made, 'video.mp4'), 'utf8')).toBe('film');
  expect(await readdir(out)).toHaveLength(1);

  const lines = terminal.out.replace(/^\[\d+:\d\d\] /gm, '').split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      `Video ${id}`,
      `Temporal UI http://127.0.0.1:8233/namespaces/default/workflows/video-${id}`,
      'in production on the cpu lane',
      ...STAGE_NAMES.flatMap((stage) => [
        `${stage} started`,
        `${stage} 60 % · $0.00`,
        `${stage} done in 1.5 s · $0.00`,
      ]),
      `Folder  ${made}`,
      `Video   ${made}/video.mp4`,
      'Bill    cpu_compute       $0.0123  audio_synthesis, video_rendering',
      '        total             $0.0123  of at most $3.00',
      'Made offline: no keys (script from article; publisher folder)',
    ]),
  );
});

test('with --json every line is an object and the last one is the result', async () => {
  const { terminal, ending } = start(['Deep', 'sea', '--channel', 'c2', '--json']);
  const id = await orderedVideo('c2');
  await produce(id);
  expect(await ending).toBe(0);
  const lines = terminal.out
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
  expect(lines[0]).toMatchObject({ type: 'snapshot', video_id: id });
  expect(lines.at(-2)).toMatchObject({ type: 'video.completed' });
  const made = join(out, `the-deep-sea-${id.slice(0, 8)}`);
  expect(lines.at(-1)).toEqual({
    video_id: id,
    status: 'completed',
    reason: null,
    folder: made,
    video: join(made, 'video.mp4'),
    cost: 0.0123,
  });
});

test('says at which stage a video failed, why, and what was paid', async () => {
  const { terminal, ending } = start(['Deep sea', '--channel', 'c3', '--json']);
  const id = await orderedVideo('c3');
  await endRow(deps, id, {
    status: 'cancelled',
    reason: 'cost_limit',
    stage: 'video_rendering',
    message: 'Cost limit exceeded\nat video_rendering',
    cost: '2.950000',
  });
  expect(await ending).toBe(1);
  expect(terminal.errors[0]).toMatch(/at video_rendering, reason cost_limit: .* paid so far: \$2\.95$/);
  expect(terminal.errors[2]).toContain(`npm run video -- --retry ${id}`);
  expect(JSON.parse(terminal.out.trimEnd().split('\n').at(-1) ?? '')).toEqual({
    video_id: id,
    status: 'cancelled',
    reason: 'cost_limit',
    folder: null,
    video: null,
    cost: 2.95,
  });
  await expect(readdir(out)).rejects.toThrow(/ENOENT/);
});

test('refuses a file that is not what was made, and leaves nothing half-made', async () => {
  const { terminal, ending } = start(['Deep sea', '--channel', 'c4']);
  const id = await orderedVideo('c4');
  const files = await storePackage(deps, id, { 'video.mp4': 'film', 'metadata.json': '{}' });
  await writeFile(join(deps.config.artifactsDir, files['video.mp4'].key), 'FILM');
  await endRow(deps, id, { status: 'completed', cost: '0.000000' });
  expect(await ending).toBe(1);
  expect(terminal.errors).toEqual([
    expect.stringMatching(/^error: video\.mp4 could not be fetched: its sha256 is not/),
  ]);
  expect(await readdir(join(out, '..', '..'))).toEqual([]);
});

test('Ctrl-C stops watching, says how to get back, and --watch gets back', async () => {
  const { terminal, ending } = start(['Deep sea', '--channel', 'c5']);
  const id = await orderedVideo('c5');
  await expect.poll(() => terminal.out).toContain('queued, position');
  terminal.interrupt();
  expect(await ending).toBe(130);
  expect(terminal.errors).toEqual([expect.stringContaining(`npm run video -- --watch ${id}`)]);
  const { rows } = await deps.pool.query('SELECT status FROM video_queue WHERE id = $1', [id]);
  expect(rows[0].status).toBe('queued');

  const again = start(['--watch', id]);
  await produce(id);
  expect(await again.ending).toBe(0);
  const twice = start(['--watch', id]);
  expect(await twice.ending).toBe(0);
  expect(await readdir(out)).toEqual([`the-deep-sea-${id.slice(0, 8)}`]);
});

test('goes on watching when the API comes back somewhere else', async () => {
  let current = await serveApi(local);
  const terminal = createTestTerminal();
  const moving = () => Promise.resolve({ api: current.url, temporalUi: null });
  const ending = runVideo(['Deep sea', '--channel', 'c6', '--out', out, '--json'], moving, terminal);
  const id = await orderedVideo('c6');
  await expect.poll(() => terminal.out).toContain('video.queued');
  await current.stop();
  current = await serveApi(local);
  await produce(id);
  expect(await ending).toBe(0);
  const ids = terminal.out
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text).id);
  const events = ids.filter((one) => one !== undefined);
  expect(new Set(events).size).toBe(events.length);
  // queued, admitted, six stages of three, the charge, completed.
  expect(events).toHaveLength(22);
  await current.stop();
});

test('ends with 3 when only the operator can make the video go on', async () => {
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  const { terminal, ending } = start(['Deep sea', '--channel', 'c7']);
  expect(await ending).toBe(3);
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  expect(terminal.errors).toEqual([expect.stringMatching(/waits for the operator: production is paused/)]);
});

test('ends with 3 and says what to mend when the machine is in trouble again and again', async () => {
  const { terminal, ending } = start(['Deep sea', '--channel', 'c8']);
  const video_id = await orderedVideo('c8');
  const trouble = {
    kind: 'infrastructure',
    message: 'the disk is full',
    next: 'next attempt in 5 s',
  } as const;
  const failed = { type: 'stage.failed', video_id, stage: 'video_rendering', ...trouble } as const;
  await publishAll(deps, [
    { ...failed, attempt: 1 },
    { ...failed, attempt: 2 },
    { ...failed, attempt: 3 },
  ]);
  expect(await ending).toBe(3);
  expect(terminal.errors).toEqual([expect.stringMatching(/waits for the operator: the disk is full/)]);
});

test('a queue that is full and an unknown video are one line each', async () => {
  const full = await serveApi({ ...local, config: { ...local.config, queueMax: 0 } });
  const terminal = createTestTerminal();
  const fullStack = () => Promise.resolve({ api: full.url, temporalUi: null });
  expect(await runVideo(['Deep sea', '--out', out], fullStack, terminal)).toBe(1);
  expect(terminal.errors).toEqual([expect.stringMatching(/the order was refused: .* try again in \d+ s/)]);
  await full.stop();
  const unknown = start(['--watch', '0b0f2a52-6a52-4d3c-9d3e-9a8a1f6f0a11']);
  expect(await unknown.ending).toBe(2);
  expect(unknown.terminal.errors).toEqual([expect.stringMatching(/There is no video with this id/)]);
});
