import { afterAll, beforeEach, expect, test } from 'vitest';
import type { StageInput } from '../../../domain/contract.ts';
import type { ErrorEntry } from '../../../domain/errors.ts';
import type { Charge, Warning } from '../../../domain/results.ts';
import { spendOf } from '../../../infra/money/ledger.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { failRun, finishRun, loadStage, reuseRun } from '../../../infra/stages/stage-records.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { admittedVideo, createTestDeps } from '../../support/test-deps.ts';
import { beginAs, results } from './stage-builders.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

const stage = 'script_generation';
const charge: Charge = {
  key: 'c1',
  service: 'openai',
  operation: 'script',
  provider: 'openai',
  model: 'm',
  quantity: 10,
  unit: 'token',
  amount: 250_000,
};
const record = {
  result: results[stage],
  providers: { llm: 'offline' },
  charges: [charge],
  inputHash: 'h',
  warnings: [{ stage, code: 'short', message: 'A short script' } satisfies Warning],
};
const entry: ErrorEntry = {
  stage,
  attempt: 1,
  kind: 'timeout',
  severity: 'high',
  message: 'late',
  at: '2026-01-01T00:00:00.000Z',
  next: 'next attempt in 20 s',
};

let input: StageInput;
beforeEach(async () => {
  input = await admittedVideo(deps);
});

async function outcomes() {
  const { rows } = await deps.pool.query<{ outcome: string | null }>(
    'SELECT outcome FROM stage_runs ORDER BY id',
  );
  return rows.map((row) => row.outcome);
}

test('a finished stage leaves result, money, progress, warning and end together', async () => {
  const begun = await beginAs(deps, input, stage);
  expect(begun).toMatchObject({ failures: 0, losses: 0, superseded: false });
  expect(await readVideo(deps, input.video_id)).toMatchObject({ stage, progress: 0 });
  expect(await finishRun(deps, begun, input, stage, record)).toEqual({ total: 250_000, seq: 1 });
  expect((await loadStage(deps, input)).results).toEqual({ [stage]: results[stage] });
  expect(await readVideo(deps, input.video_id)).toMatchObject({
    stage,
    progress: 5,
    actual_cost: 0.25,
    warnings: record.warnings,
    providers: { llm: 'offline' },
  });
  expect(await outcomes()).toEqual(['completed']);
  const { rows } = await deps.pool.query('SELECT stage, attempt FROM pipeline_costs');
  expect(rows).toEqual([{ stage, attempt: 1 }]);
});

test('beginning the same attempt again is the same row', async () => {
  const first = await beginAs(deps, input, stage);
  expect(await beginAs(deps, input, stage)).toEqual(first);
});

test('an attempt whose worker died is counted as lost and not as failed', async () => {
  await beginAs(deps, input, stage, 1);
  expect(await beginAs(deps, input, stage, 2)).toMatchObject({ failures: 0, losses: 1 });
  expect(await beginAs(deps, input, stage, 1, 'run-after-reset')).toMatchObject({ losses: 2 });
  expect(await outcomes()).toEqual(['worker_lost', 'worker_lost', null]);
});

test('the error log and the attempts tell of each worker that died, once', async () => {
  for (const attempt of [1, 2, 2, 3]) await beginAs(deps, input, stage, attempt);
  const message = 'the worker of this attempt died, or was not heard of any more';
  const told = { stage, kind: 'worker_lost', severity: 'infrastructure', message };
  const view = await readVideo(deps, input.video_id);
  const entry = { ...told, at: expect.stringMatching(/^\d{4}-.*Z$/), next: 'the stage begins again' };
  expect(view?.errors).toEqual([
    { ...entry, attempt: 1 },
    { ...entry, attempt: 2 },
  ]);
  expect(view?.attempts.map((run) => run.message)).toEqual([message, message, null]);
});

test('the error log tells of no worker when a reset takes the place of an attempt', async () => {
  await beginAs(deps, input, stage, 1);
  await beginAs(deps, input, stage, 1, 'run-after-reset');
  expect(await outcomes()).toEqual(['worker_lost', null]);
  expect(await readVideo(deps, input.video_id)).toMatchObject({ errors: [] });
});

test('a failed attempt counts, with its entry in the error log; a cancelled one does not', async () => {
  await failRun(deps, await beginAs(deps, input, stage, 1), input, entry, 'failed');
  await failRun(deps, await beginAs(deps, input, stage, 2), input, { ...entry, attempt: 2 }, 'cancelled');
  expect(await beginAs(deps, input, stage, 3)).toMatchObject({ failures: 1, losses: 0 });
  expect(await readVideo(deps, input.video_id)).toMatchObject({ errors: [entry] });
  expect(await outcomes()).toEqual(['failed', 'cancelled', null]);
});

test('a stalled attempt that wakes up is billed, but its result is not taken', async () => {
  const stalled = await beginAs(deps, input, stage, 1);
  const next = await beginAs(deps, input, stage, 2);
  expect(await finishRun(deps, stalled, input, stage, record)).toEqual({ total: 250_000, seq: 1 });
  expect((await loadStage(deps, input)).results).toEqual({});
  await failRun(deps, stalled, input, entry, 'failed');
  expect((await readVideo(deps, input.video_id))?.errors.map(({ kind }) => kind)).toEqual(['worker_lost']);
  await finishRun(deps, next, input, stage, { ...record, charges: [] });
  expect(await outcomes()).toEqual(['worker_lost', 'completed']);
});

test('an attempt that begins after its successor is superseded and does not end it', async () => {
  await beginAs(deps, input, stage, 2);
  expect(await beginAs(deps, input, stage, 1)).toMatchObject({ superseded: true });
  expect(await outcomes()).toEqual([null, 'cancelled']);
});

test('an attempt for another admission, generation or for an ended video is superseded', async () => {
  expect(await beginAs(deps, { ...input, admission_no: 2 }, stage, 1)).toMatchObject({ superseded: true });
  expect(await beginAs(deps, { ...input, generation: 2 }, stage, 2)).toMatchObject({ superseded: true });
  await deps.pool.query(`UPDATE video_queue SET status = 'cancelled'`);
  expect(await beginAs(deps, input, stage, 3)).toMatchObject({ superseded: true });
});

test('failures are those of this admission, losses those of the generation', async () => {
  await failRun(deps, await beginAs(deps, input, stage, 1), input, entry, 'failed');
  await beginAs(deps, input, stage, 2);
  await deps.pool.query(`UPDATE video_queue SET status = 'queued'`);
  await commitAdmission(deps);
  const again = { ...input, admission_no: 2 };
  expect(await beginAs(deps, again, stage, 1, 'run-2')).toMatchObject({ failures: 0, losses: 1 });
});

test('an attempt of an earlier generation that stalls is closed by the next one, and is no loss of it', async () => {
  const stalled = await beginAs(deps, input, stage, 1);
  await deps.pool.query('UPDATE video_queue SET generation = 2');
  const again = { ...input, generation: 2 };
  expect(await beginAs(deps, again, stage, 1, 'run-2')).toMatchObject({ losses: 0, superseded: false });
  expect(await outcomes()).toEqual(['worker_lost', null]);
  await failRun(deps, stalled, input, entry, 'failed');
  expect(await outcomes()).toEqual(['worker_lost', null]);
  expect(await readVideo(deps, input.video_id)).toMatchObject({ errors: [] });
});

test('a stage that was finished before is reused, and shows the progress of all that is done', async () => {
  await finishRun(deps, await beginAs(deps, input, stage), input, stage, record);
  const begun = await beginAs(deps, input, stage, 1, 'run-2');
  expect(await reuseRun(deps, begun, input, stage)).toEqual({ total: 250_000, seq: 1 });
  expect(await outcomes()).toEqual(['completed', 'reused']);
});

test('two stages that end at once both count in the progress', async () => {
  const side = ['audio_synthesis', 'media_collection'] as const;
  await Promise.all(
    side.map(async (name) => {
      const begun = await beginAs(deps, input, name);
      await finishRun(deps, begun, input, name, {
        ...record,
        result: results[name],
        charges: [],
        warnings: [],
      });
    }),
  );
  expect(await readVideo(deps, input.video_id)).toMatchObject({ progress: 20 });
});

test('a charge that the ledger refuses undoes the whole end of the stage', async () => {
  await finishRun(deps, await beginAs(deps, input, stage), input, stage, record);
  const begun = await beginAs(deps, input, 'media_collection');
  const wrong = { ...record, result: results.media_collection, charges: [{ ...charge, amount: 1 }] };
  await expect(finishRun(deps, begun, input, 'media_collection', wrong)).rejects.toThrow('another amount');
  expect((await loadStage(deps, input)).results).not.toHaveProperty('media_collection');
  expect(await spendOf(deps.pool, input.video_id)).toMatchObject({ total: 250_000 });
  expect(await outcomes()).toEqual(['completed', null]);
});
