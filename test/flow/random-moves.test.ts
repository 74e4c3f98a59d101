import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomFrom } from '../../activities/cards/random.ts';
import { workflowIdOf } from '../../domain/contract.ts';
import { FINAL_EVENT } from '../../domain/events.ts';
import { isFinal, type VideoStatus } from '../../domain/video.ts';
import { resumeAll, resumeVideo } from '../../infra/moves/pause.ts';
import { generationOf } from '../../infra/temporal/temporal.ts';
import { makeMoves, moodyWork, unlessForbidden } from '../support/random-moves.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';
import { areOne, totalsOf, workflowTotal } from '../support/totals.ts';
import { createTurns } from '../support/turns.ts';

/** One run for the gate, which must not fail by luck; MOVES_SEED and MOVES_COUNT make others, and longer ones. */
const SEED = Number(process.env['MOVES_SEED'] ?? 20_261_124);
const COUNT = Number(process.env['MOVES_COUNT'] ?? 60);

let pipeline: TestPipeline;
const random = randomFrom(SEED);
const turns = createTurns();

beforeAll(async () => {
  pipeline = await TestPipeline.create({
    places: { gpu: 2, cpu: 2 },
    config: { queueMax: 10_000, times: { reconcileMs: 150, redeliverMs: 300 } },
    works: {
      script_generation: moodyWork('script_generation', random, turns),
      video_rendering: moodyWork('video_rendering', random, turns),
      upload_preparation: moodyWork('upload_preparation', random, turns),
    },
  });
});

afterAll(async () => {
  turns.end();
  await pipeline.close();
});

interface Row {
  id: string;
  status: VideoStatus;
  generation: number;
  video_paused: boolean;
}

async function rows(): Promise<Row[]> {
  return (await pipeline.deps.pool.query<Row>('SELECT id, status, generation, video_paused FROM video_queue'))
    .rows;
}

/** How Temporal's ends and the row's go together. */
const ALLOWED: Record<string, string[]> = {
  // A terminate may find the workflow between its settled row and its close: the row has the last word.
  completed: ['COMPLETED', 'TERMINATED'],
  failed: ['FAILED', 'TERMINATED'],
  // A late delivery closes a waiting workflow as superseded, which is Completed; a cancel then settles the row. So it
  // does for a retried video whose own workflow was not started yet, for example while the one before was closing.
  cancelled: ['CANCELLED', 'TERMINATED', 'NOT_FOUND', 'COMPLETED', 'EARLIER'],
};

/** The end of a workflow that has written the row's end itself. */
const OWN: Record<string, string> = { completed: 'COMPLETED', failed: 'FAILED', cancelled: 'CANCELLED' };

/** `EARLIER` when the last workflow is of another generation than the row. */
async function temporalEnd({ id, generation }: Row): Promise<string> {
  const handle = pipeline.deps.temporal.workflow.getHandle(workflowIdOf(id));
  return handle.describe().then(
    (found) =>
      found.status.name === 'RUNNING' || generationOf(found) === generation ? found.status.name : 'EARLIER',
    () => 'NOT_FOUND',
  );
}

/** Final events since the video was last queued. */
async function endsTold(id: string): Promise<string[]> {
  const types = (await pipeline.deps.events.past(id)).map(({ type }) => type);
  const finals: string[] = Object.values(FINAL_EVENT);
  return types.slice(types.lastIndexOf('video.queued')).filter((type) => finals.includes(type));
}

/** An attempt whose workflow was terminated may still be at work, and settle its call. */
async function expectOneTotal({ id, status }: Row, end: string): Promise<void> {
  const totals = await eventually(() => totalsOf(pipeline.deps, id), areOne);
  if (end !== OWN[status]) return;
  const { ledger, ended } = totals;
  const workflow = await workflowTotal(pipeline.deps, id);
  const told = `${id} is ${status}: ${JSON.stringify({ ...totals, workflow })}`;
  // Of what was charged before its end it knows all, and of what came later, `ledger - ended`, nothing or some.
  expect(workflow, told).toBeGreaterThanOrEqual(ended ?? ledger);
  expect(workflow, told).toBeLessThanOrEqual(ledger);
}

test(`whatever happens, no video is lost, none ends twice, no place leaks and every account says one total (MOVES_SEED=${SEED})`, {
  timeout: 150_000 + COUNT * 1_000,
}, async () => {
  const ids = await makeMoves(pipeline, COUNT, random, turns);
  await resumeAll(pipeline.deps, 'test');
  for (const row of await rows()) {
    // A halt or a cancel among the last moves may still be at work, and end it meanwhile.
    if (row.video_paused && !isFinal(row.status))
      await resumeVideo(pipeline.deps, row.id, 'test').catch(unlessForbidden);
  }
  const atRest = await eventually(
    rows,
    (all) => all.every(({ status }) => isFinal(status)),
    30_000 + COUNT * 500,
  );
  expect(atRest.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());

  const open = await pipeline.deps.pool.query(
    `SELECT id FROM video_queue WHERE status = 'processing' OR completed_at IS NULL`,
  );
  expect(open.rows).toEqual([]);
  for (const row of atRest) {
    const { id, status } = row;
    const end = await eventually(
      () => temporalEnd(row),
      (name) => name !== 'RUNNING',
      // Reconcile cancels a workflow whose row ended 30 s before: a retry may start one just after a cancel.
      90_000,
    );
    expect(ALLOWED[status], `${id} is ${status}, its workflow ${end}`).toContain(end);
    const told = await eventually(
      () => endsTold(id),
      (ends) => ends.length > 0,
    );
    expect(new Set(told).size, `${id} told its end`).toBe(1);
    await expectOneTotal(row, end);
  }
});
