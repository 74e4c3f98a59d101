import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { workflowIdOf } from '../../../domain/contract.ts';
import { STAGE_NAMES, type StageName } from '../../../domain/stages.ts';
import { closeDeps, openDeps } from '../../../infra/deps.ts';
import { recordExternalCharge } from '../../../infra/money/ledger.ts';
import { cancelVideo } from '../../../infra/moves/cancel.ts';
import { changeVideo } from '../../../infra/moves/change.ts';
import { emergencyHalt, pauseAll, pauseVideo, resumeAll, resumeVideo } from '../../../infra/moves/pause.ts';
import { retryVideo } from '../../../infra/moves/retry.ts';
import { admit, commitAdmission } from '../../../infra/queue/admission.ts';
import { claim } from '../../../infra/queue/claim.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { reconcile } from '../../../infra/queue/reconcile.ts';
import { release } from '../../../infra/queue/release.ts';
import { ensureSearchAttributes } from '../../../infra/temporal/temporal.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { anOrder, createTestDeps, registerPlaces, submitVideo, testLogger } from '../../support/test-deps.ts';

// No worker polls these queues: a workflow stays as the test leaves it, and a released video waits longer than any test.
const deps = await createTestDeps({ times: { redeliverMs: 60_000, retryScale: 10 } });

beforeAll(() => ensureSearchAttributes(deps.temporal, deps.config));
afterAll(() => deps.close());

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM audit_log');
  await deps.pool.query('DELETE FROM lane_workers');
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
});

const submit = (order = {}) => submitVideo(deps, order);

interface Row {
  status: string;
  reason: string | null;
  generation: number;
  admission_no: number;
  retry_count: number;
  score: string;
  video_paused: boolean;
  cancel_requested: string | null;
  waits_ms: number;
}

async function rowOf(id: string): Promise<Row> {
  const { rows } = await deps.pool.query<Row>(
    `SELECT *, extract(epoch FROM not_before - clock_timestamp())::float8 * 1000 AS waits_ms FROM video_queue WHERE id = $1`,
    [id],
  );
  return rows[0] as Row;
}

async function audited(): Promise<string[]> {
  const { rows } = await deps.pool.query<{ line: string }>(
    `SELECT who || ' ' || action AS line FROM audit_log ORDER BY id`,
  );
  return rows.map(({ line }) => line);
}

const versionNow = async () =>
  (await deps.pool.query<{ version: number }>('SELECT version FROM pipeline_state')).rows[0]?.version;

/** A video in production, whose claim is held by `chain`. */
async function inProduction(): Promise<string> {
  await registerPlaces(deps, { cpu: 1 });
  const id = await submit();
  const request = { video_id: id, generation: 1, admission_no: 1, chain: 'chain' };
  expect(await claim(deps, request)).toMatchObject({ claimed: true });
  return id;
}

const released = (id: string, change = {}) =>
  release(deps, {
    video_id: id,
    generation: 1,
    admission_no: 1,
    chain: 'chain',
    reason: 'retry_round',
    run: 1,
    ...change,
  });

test('a release gives the place back and keeps the score; the failed run counts and the video waits', async () => {
  const id = await inProduction();
  const before = await rowOf(id);
  await released(id);
  const after = await rowOf(id);
  expect(after).toMatchObject({
    status: 'queued',
    reason: 'retry_round',
    retry_count: 1,
    score: before.score,
  });
  expect(after.waits_ms).toBeGreaterThan(0);
});

test('only the holder of the claim can release, and doing it again changes nothing', async () => {
  const id = await inProduction();
  await released(id, { chain: 'somebody else' });
  await released(id, { admission_no: 0 });
  expect(await rowOf(id)).toMatchObject({ status: 'processing', retry_count: 0 });
  await released(id);
  await released(id);
  expect(await rowOf(id)).toMatchObject({ status: 'queued', retry_count: 1 });
});

test('a released video is admitted again under a new number once its wait is over', async () => {
  const id = await inProduction();
  await released(id, { reason: 'lane_lost' });
  expect(await rowOf(id)).toMatchObject({ status: 'processing', admission_no: 2, retry_count: 0 });
});

test('a cancel of a waiting video ends in its workflow, and is audited once however often it is asked', async () => {
  const id = await submit();
  await cancelVideo(deps, id, 'anna');
  await cancelVideo(deps, id, 'anna');
  expect(await rowOf(id)).toMatchObject({ cancel_requested: 'operator_cancel' });
  const { raw } = await deps.temporal.workflow.getHandle(workflowIdOf(id)).describe();
  expect(raw.workflowExtendedInfo?.cancelRequested).toBe(true);
  expect(await audited()).toEqual(['anna cancel']);
});

test('a cancel of a video whose workflow has closed without settling it settles it', async () => {
  const id = await submit();
  await deps.temporal.workflow.getHandle(workflowIdOf(id)).terminate();
  await cancelVideo(deps, id, 'anna');
  expect(await rowOf(id)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
});

test('a cancel while Temporal is away is remembered, and reconcile completes it', async () => {
  const config = { ...deps.config, temporal: { ...deps.config.temporal, address: '127.0.0.1:1' } };
  const away = await openDeps(config, testLogger());
  const answer = await submitOrder(away, anOrder());
  if (!answer.accepted) throw new Error('refused');
  await cancelVideo(away, answer.video_id, 'anna');
  await closeDeps(away);
  expect(await rowOf(answer.video_id)).toMatchObject({
    status: 'queued',
    cancel_requested: 'operator_cancel',
  });
  await registerPlaces(deps, { cpu: 1 });
  expect(await admit(deps)).toEqual([]);
  await reconcile(deps);
  expect(await rowOf(answer.video_id)).toMatchObject({ status: 'cancelled', reason: 'operator_cancel' });
});

test('a paused video is not admitted until it is resumed; pausing twice is pausing once', async () => {
  const id = await submit();
  const version = (await versionNow()) ?? 0;
  await pauseVideo(deps, id, 'anna');
  await pauseVideo(deps, id, 'anna');
  expect(await versionNow()).toBe(version + 1);
  await registerPlaces(deps, { cpu: 1 });
  expect(await admit(deps)).toEqual([]);
  await resumeVideo(deps, id, 'bert');
  expect(await rowOf(id)).toMatchObject({ status: 'processing', video_paused: false });
  expect(await audited()).toEqual(['anna pause', 'bert resume']);
});

test('no admission is committed after a pause of all, however many race with it', async () => {
  await registerPlaces(deps, { cpu: 20 });
  for (let i = 0; i < 10; i += 1) {
    await deps.pool.query('DELETE FROM video_queue');
    await resumeAll(deps, 'anna');
    await pauseAll(deps, 'anna');
    await Promise.all(Array.from({ length: 6 }, () => submit()));
    await resumeAll(deps, 'anna');
    await Promise.all([pauseAll(deps, 'anna'), ...Array.from({ length: 4 }, () => commitAdmission(deps))]);
    const { rows } = await deps.pool.query<{ late: number }>(
      `SELECT count(*) AS late FROM video_queue q WHERE status = 'processing' AND admitted_at >
         (SELECT max(at) FROM audit_log WHERE action = 'pause_all')`,
    );
    expect(rows[0]?.late).toBe(0);
    expect(await admit(deps)).toEqual([]);
  }
});

test('a resume of all wakes no video that an operator paused alone', async () => {
  const [alone, other] = [await submit(), await submit()];
  await pauseVideo(deps, alone, 'anna');
  await pauseAll(deps, 'anna');
  await registerPlaces(deps, { cpu: 4 });
  await resumeAll(deps, 'anna');
  expect(await rowOf(alone)).toMatchObject({ status: 'queued' });
  expect(await rowOf(other)).toMatchObject({ status: 'processing' });
});

test('a halt asks for the end of every open video in one move, and later orders wait', async () => {
  const ids = await Promise.all([submit(), submit(), submit()]);
  expect(await emergencyHalt(deps, 'anna')).toBe(3);
  for (const id of ids) expect(await rowOf(id)).toMatchObject({ cancel_requested: 'emergency_halt' });
  await registerPlaces(deps, { cpu: 4 });
  const later = await submit();
  expect(await rowOf(later)).toMatchObject({ status: 'queued', cancel_requested: null });
});

async function ended(id: string, status: string, stages: readonly StageName[]): Promise<void> {
  await deps.pool.query('UPDATE video_queue SET status = $2, retry_count = 2, progress = 100 WHERE id = $1', [
    id,
    status,
  ]);
  await deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by)
     SELECT $1, stage, '', '{}', '' FROM unnest($2::text[]) AS stage ON CONFLICT DO NOTHING`,
    [id, stages],
  );
}

test('a retry is a new generation that keeps what was finished, and drops it from a named stage on', async () => {
  const id = await submit();
  await ended(id, 'failed', ['script_generation', 'audio_synthesis', 'media_collection']);
  await retryVideo(deps, id, 'anna');
  expect(await rowOf(id)).toMatchObject({ status: 'queued', generation: 2, retry_count: 0 });
  await ended(id, 'failed', []);
  await retryVideo(deps, id, 'anna', 'audio_synthesis');
  expect(await readVideo(deps, id)).toMatchObject({ finished_stages: ['script_generation'] });
});

test('a retried video shows the progress and the warnings of the stages that it has kept', async () => {
  const id = await submit();
  await ended(id, 'completed', STAGE_NAMES);
  const warningOf = (stage: StageName) => ({ stage, code: 'short', message: 'too short' });
  const warnings = JSON.stringify(STAGE_NAMES.map(warningOf));
  await deps.pool.query('UPDATE video_queue SET warnings = $2 WHERE id = $1', [id, warnings]);
  await retryVideo(deps, id, 'anna', 'media_collection');
  const kept = ['script_generation', 'audio_synthesis'] as const;
  expect(await readVideo(deps, id)).toMatchObject({ progress: 15, warnings: kept.map(warningOf) });
  // Its files were removed when their days were over, and with them all results but the script.
  await ended(id, 'completed', []);
  await deps.pool.query(`DELETE FROM stage_results WHERE stage <> 'script_generation'`);
  await retryVideo(deps, id, 'anna', 'upload_preparation');
  expect(await readVideo(deps, id)).toMatchObject({
    progress: 5,
    warnings: [warningOf('script_generation')],
  });
});

test('a video that has not ended, or has nothing left to spend, is not retried', async () => {
  const id = await submit();
  await expect(retryVideo(deps, id, 'anna')).rejects.toMatchObject({ code: 'not_ended' });
  await deps.pool.query(`UPDATE video_queue SET status = 'cancelled', reason = 'cost_limit' WHERE id = $1`, [
    id,
  ]);
  await deps.pool.query('UPDATE video_budget SET spent = cap WHERE video_id = $1', [id]);
  await expect(retryVideo(deps, id, 'anna')).rejects.toMatchObject({ code: 'cap_reached' });
  expect(await rowOf(id)).toMatchObject({ status: 'cancelled', generation: 1 });
});

test('a new priority moves a waiting video, which keeps its time of waiting', async () => {
  const [first, second] = [await submit(), await submit()];
  await changeVideo(deps, second, 'anna', { priority: 9 });
  await registerPlaces(deps, { cpu: 1 });
  expect((await admit(deps)).map(({ id }) => id)).toEqual([second]);
  expect(await rowOf(first)).toMatchObject({ status: 'queued' });
});

test('an unknown video is not found by any move', async () => {
  const id = '0b0f2a52-6a52-4d3c-9d3e-9a8a1f6f0a11';
  for (const move of [cancelVideo, pauseVideo, resumeVideo, retryVideo]) {
    await expect(move(deps, id, 'anna')).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('a mark of the budget that a raised cap puts out of reach is told again when it is reached again', async () => {
  const id = await submit({ max_cost: 1_000_000 });
  const charge = (name: string, amount: number) =>
    recordExternalCharge(deps, { video_id: id, id: name, service: 'openai', operation: 'test', amount });
  const told = async () =>
    (await deps.pool.query<{ level: string }>('SELECT level FROM cost_alerts WHERE video_id = $1', [id])).rows
      .map(({ level }) => level)
      .sort();
  await charge('first', 940_000);
  expect(await told()).toEqual(['critical', 'warning']);
  await changeVideo(deps, id, 'anna', { max_cost: 1_100_000 });
  expect(await told()).toEqual(['warning']);
  await charge('second', 100_000);
  expect(await told()).toEqual(['critical', 'warning']);
});
