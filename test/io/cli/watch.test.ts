import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningApi, serveApi } from '../../../api/serve.ts';
import { STAGE_NAMES } from '../../../domain/stages.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { runToEnd, startCommand } from '../../support/command-line.ts';
import { endRow, publishAll, storePackage } from '../../support/scripted-video.ts';
import { serveAgain } from '../../support/served-api.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const local = { ...deps, config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } } };
let api: RunningApi;

beforeAll(async () => {
  api = await serveApi(local, { recheckMs: 100 });
});

afterEach(() => deps.pool.query('UPDATE pipeline_state SET paused = false, halted = false'));

afterAll(async () => {
  await api.stop();
  await deps.close();
});

async function ordered(): Promise<string> {
  const answer = await submitOrder(deps, anOrder({ title: 'Deep sea' }));
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

async function begin(video_id: string): Promise<void> {
  await publishAll(deps, [
    { type: 'video.admitted', video_id, lane: 'cpu', admission_no: 1 },
    { type: 'stage.started', video_id, stage: 'script_generation', attempt: 1, progress: 0 },
    { type: 'stage.progress', video_id, stage: 'script_generation', percent: 60, progress: 6 },
  ]);
}

async function complete(video_id: string): Promise<void> {
  await storePackage(deps, video_id, { 'video.mp4': 'film' });
  await endRow(deps, video_id, { status: 'completed', cost: '0.012300' });
  await publishAll(deps, [
    { type: 'video.completed', video_id, cost: 0.0123, title: 'Deep sea', duration_ms: 1 },
  ]);
}

/** Machines that run the tests may be busy: it is waited as long as it takes, within reason. */
const seen = <T>(look: () => T) => expect.poll(look);

const lines = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('watch shows a video by the beginning of its id until its end, and where its files are', async () => {
  const id = await ordered();
  const { terminal, ending } = startCommand(api.url, ['watch', id.slice(0, 8)]);
  await seen(() => terminal.out).toContain('queued, position');
  await begin(id);
  await seen(() => terminal.out).toContain('script_generation 60 %');
  await complete(id);
  expect(await ending).toBe(0);
  expect(terminal.out).toMatch(
    new RegExp(`^Files +video\\.mp4 +1 kB +${api.url}/pipeline/videos/${id}/`, 'm'),
  );
});

test('watch draws all six stages over themselves on a terminal', async () => {
  const id = await ordered();
  const { terminal, ending } = startCommand(api.url, ['watch', id], { columns: 80 });
  await begin(id);
  await complete(id);
  expect(await ending).toBe(0);
  for (const stage of STAGE_NAMES) expect(terminal.out).toContain(stage);
  expect(terminal.out).toContain('\u001b[2K');
});

test.each(['failed', 'cancelled'] as const)('watch ends with 1 for a video that has %s', async (status) => {
  const id = await ordered();
  await endRow(deps, id, { status, reason: 'bug', message: 'It broke', cost: '0.000000' });
  const { code, out, errors } = await runToEnd(api.url, ['watch', id, '--json']);
  expect(code).toBe(1);
  expect(lines(out).at(-1)).toMatchObject({ video_id: id, status, reason: 'bug', folder: null });
  expect(errors.at(-1)).toBe(`  then         npm run ytempire -- retry ${id}`);
});

test.each([
  ['production is paused', false],
  ['everything is halted', true],
])('watch ends with 3 while %s', async (why, halted) => {
  const id = await ordered();
  await deps.pool.query('UPDATE pipeline_state SET paused = true, halted = $1', [halted]);
  const { code, errors } = await runToEnd(api.url, ['watch', id]);
  expect([code, errors]).toEqual([3, [expect.stringMatching(`waits for the operator: ${why}`)]]);
});

test('submit --wait ends as its video does', async () => {
  const { terminal, ending } = startCommand(api.url, ['submit', 'Waited for', '--wait', '--json']);
  await seen(() => terminal.out).toContain('video.queued');
  const id = lines(terminal.out)[0].video_id;
  await complete(id);
  expect(await ending).toBe(0);
  expect(lines(terminal.out).at(-1)).toMatchObject({ video_id: id, status: 'completed', cost: 0.0123 });
});

test('Ctrl-C leaves the video running and says so', async () => {
  const id = await ordered();
  const { terminal, ending } = startCommand(api.url, ['watch', id]);
  await seen(() => terminal.out).toContain('queued, position');
  terminal.interrupt();
  expect(await ending).toBe(130);
  expect(terminal.errors).toEqual([expect.stringMatching(new RegExp(`goes on; back to it: .* watch ${id}`))]);
  const { rows } = await deps.pool.query('SELECT status FROM video_queue WHERE id = $1', [id]);
  expect(rows[0].status).toBe('queued');
});

test('watch --all goes on after a restart of the API at the event where it was cut', async () => {
  const first = await serveApi(local);
  const { terminal, ending } = startCommand(first.url, ['watch', '--all', '--json']);
  // Without an answer from the stream there is no event to wait for: one is sent until it is shown.
  const early = await ordered();
  await seen(async () => {
    await publishAll(deps, [{ type: 'video.released', video_id: early, reason: 'retry_round' }]);
    return terminal.out;
  }).toContain('video.released');
  await first.stop();
  const id = await ordered();
  await begin(id);
  const second = await serveAgain(local, first.url);
  await complete(id);
  await seen(() => terminal.out).toContain('video.completed');
  terminal.interrupt();
  expect(await ending).toBe(130);
  const events = lines(terminal.out).filter(({ id }) => id !== undefined);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect(events.filter(({ video_id }) => video_id === id).map(({ type }) => type)).toEqual([
    ...['video.queued', 'video.admitted', 'stage.started', 'stage.progress', 'video.completed'],
  ]);
  await second.stop();
});

test('watch --all writes a line for each event in words, with the video that it is of', async () => {
  const { terminal, ending } = startCommand(api.url, ['watch', '--all'], { columns: 60 });
  const id = await ordered();
  await seen(async () => {
    await publishAll(deps, [{ type: 'video.released', video_id: id, reason: 'retry_round' }]);
    return terminal.out;
  }).toContain(`${id.slice(0, 8)}  back in the queue: retry_round`);
  const failed = 'A\u001b[2Jb '.repeat(30);
  await publishAll(deps, [
    {
      type: 'video.failed',
      video_id: id,
      reason: 'bug',
      stage: 'script_generation',
      message: failed,
      cost: 0,
    },
    { type: 'video.changed', video_id: id, change: 'paused' },
    { type: 'pipeline.changed', video_id: null, change: 'halted' },
    { type: 'disk.low', video_id: null, machine: 'm1', free_mb: 1, floor_mb: 5 },
  ]);
  await seen(() => terminal.out).toContain('pipeline  disk of m1 is nearly full');
  expect(terminal.out).toContain(`${id.slice(0, 8)}  paused by an operator`);
  expect(terminal.out).toContain('pipeline  everything is halted');
  terminal.interrupt();
  await ending;
  expect(terminal.out).not.toContain('\u001b');
  expect(Math.max(...terminal.out.split('\n').map((line) => line.length))).toBe(60);
});
