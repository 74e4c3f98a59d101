import { type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { WORKFLOW_TYPE, workflowIdOf } from '../../domain/contract.ts';
import type { FinalStatus } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { tellForgottenMarks } from '../money/cost-alerts.ts';
import { assumeOldHolds } from '../money/holds.ts';
import { completeCancels } from '../moves/cancel.ts';
import { tellControl } from '../moves/control.ts';
import { reconcileNotifications } from '../notify/start.ts';
import { reconcilePublications } from '../publish/start.ts';
import { FINAL } from '../stores/final-statuses.ts';
import { inTransaction, lockKey } from '../stores/postgres.ts';
import { type AdmittedVideo, generationOf } from '../temporal/temporal.ts';
import { admit, deliver } from './admission.ts';
import { STARTABLE } from './queue-order.ts';
import { release } from './release.ts';
import { settle } from './settle.ts';

/** What one pass repaired. `ran` is false when another process was at it. */
export interface ReconcileReport {
  ran: boolean;
  delivered: number;
  settled: number;
  admitted: number;
}

const DESCRIBE_AT_ONCE = 8;
const DESCRIBE_DEADLINE_MS = 5_000;
const LIST_DEADLINE_MS = 10_000;
/** How far back closed workflows of waiting videos are looked for. */
const CLOSED_WITHIN_MS = 3_600_000;
/** A workflow settles its row and then closes: one that is open this long after has lost its way. */
const ENDED_FOR_MS = 30_000;

/**
 * One pass of repair: completes pauses and cancels, delivers admissions that no workflow has claimed, settles
 * rows whose workflow is closed, releases those whose workflow is gone, admits. Only one process at a time does it.
 * Throws when Postgres or Temporal is away, its visibility aside; the next pass begins anew.
 */
export function reconcile(deps: Deps): Promise<ReconcileReport> {
  return inTransaction(deps.pool, async (tx) => {
    const { rows } = await tx.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${lockKey(deps.config.schema, 'reconcile')}) AS mine`,
    );
    if (!rows[0]?.mine) return { ran: false, delivered: 0, settled: 0, admitted: 0 };
    await Promise.all([tellControl(deps), completeCancels(deps), cancelEnded(deps), assumeOldHolds(deps)]);
    const { delivered, settled } = await deliverUnclaimed(deps);
    const closed = (await settleClaimed(deps)) + (await settleWaiting(deps));
    const admitted = await admit(deps);
    await reconcilePublications(deps);
    await reconcileNotifications(deps);
    await tellForgottenMarks(deps);
    return { ran: true, delivered, settled: settled + closed, admitted: admitted.length };
  });
}

/** An admission of a video whose workflow was ended by hand is not delivered: that would start it again. */
async function deliverUnclaimed(deps: Deps): Promise<{ delivered: number; settled: number }> {
  const { rows } = await deps.pool.query<AdmittedVideo & OpenVideo>(
    `SELECT ${STARTABLE}, admission_no, lane, claimed_by, cancel_requested FROM video_queue
     WHERE status = 'processing' AND claimed_by IS NULL
       AND admitted_at < clock_timestamp() - $1 * interval '1 ms'`,
    [deps.config.times.redeliverMs],
  );
  const reached = await Promise.all(
    rows.map(async (video) => {
      if (await deliver(deps, video)) return 'delivered';
      return (await settleIfClosed(deps, video)) ? 'settled' : 'neither';
    }),
  );
  const count = (what: string) => reached.filter((each) => each === what).length;
  return { delivered: count('delivered'), settled: count('settled') };
}

interface OpenVideo {
  id: string;
  generation: number;
  admission_no: number;
  claimed_by: string | null;
  cancel_requested: string | null;
}

/** Rows in production whose workflow is closed without having settled them, or is not there at all. */
async function settleClaimed(deps: Deps): Promise<number> {
  const { rows } = await deps.pool.query<OpenVideo>(
    `SELECT id, generation, admission_no, claimed_by, cancel_requested FROM video_queue
     WHERE status = 'processing' AND claimed_by IS NOT NULL`,
  );
  let settled = 0;
  for (let index = 0; index < rows.length; index += DESCRIBE_AT_ONCE) {
    const some = rows.slice(index, index + DESCRIBE_AT_ONCE);
    const done = await Promise.all(some.map((video) => settleIfClosed(deps, video)));
    settled += done.filter(Boolean).length;
  }
  return settled;
}

/** Waiting videos that an operator terminated or cancelled: the list may be late, so each is looked at itself. */
async function settleWaiting(deps: Deps): Promise<number> {
  const { rows } = await deps.pool.query<OpenVideo>(
    `SELECT id, generation, admission_no, claimed_by, cancel_requested FROM video_queue WHERE status = 'queued'`,
  );
  if (rows.length === 0) return 0;
  const waiting = new Map(rows.map((video) => [workflowIdOf(video.id), video]));
  const since = new Date(Date.now() - CLOSED_WITHIN_MS).toISOString();
  const query = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus IN ('Terminated', 'Canceled') AND CloseTime > '${since}'`;
  let settled = 0;
  for (const { workflowId } of await listed(deps, query)) {
    const video = waiting.get(workflowId);
    if (video && (await settleIfClosed(deps, video))) settled += 1;
  }
  return settled;
}

async function settleIfClosed(deps: Deps, video: OpenVideo): Promise<boolean> {
  const end = await endOf(deps, video);
  if (!end) return false;
  if (end === LOST) return releaseLost(deps, video);
  deps.log.warn({ video_id: video.id, ...end }, 'the workflow has ended without settling its video');
  await settle(deps, {
    ...end,
    video_id: video.id,
    generation: video.generation,
    admission_no: null,
    // The row's own claim: one that has changed hands meanwhile is left alone.
    chain: video.claimed_by ?? '',
    stage: null,
  });
  return true;
}

/** Its database was lost, or retention is over: the stored results carry a new workflow. */
async function releaseLost(deps: Deps, video: OpenVideo): Promise<boolean> {
  const { id: video_id, generation, admission_no, claimed_by } = video;
  if (claimed_by === null) return false;
  deps.log.warn({ video_id }, 'Temporal does not know the workflow any more');
  await release(deps, {
    video_id,
    generation,
    admission_no,
    chain: claimed_by,
    reason: 'workflow_lost',
    run: 1,
  });
  return true;
}

/** Workflows that run on though their row has had its end for a while: nothing of theirs can be settled. */
async function cancelEnded(deps: Deps): Promise<void> {
  const query = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;
  const { rows } = await deps.pool.query<{ id: string; generation: number }>(
    `SELECT id, generation FROM video_queue WHERE status IN ${FINAL}
       AND completed_at BETWEEN clock_timestamp() - interval '1 hour'
         AND clock_timestamp() - $1 * interval '1 ms'`,
    [ENDED_FOR_MS],
  );
  const ended = new Map(rows.map(({ id, generation }) => [workflowIdOf(id), generation]));
  if (ended.size === 0) return;
  for (const found of await listed(deps, query)) {
    // One that was retried meanwhile has not ended.
    const isEnded = generationOf(found) <= (ended.get(found.workflowId) ?? -1);
    if (isEnded) await deps.temporal.workflow.getHandle(found.workflowId, found.runId).cancel();
  }
}

/** Visibility is a store of its own in Temporal, and only a hint: without it a pass repairs what rows and `describe` say. */
async function listed({ temporal, log }: Deps, query: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  try {
    await temporal.withDeadline(Date.now() + LIST_DEADLINE_MS, async () => {
      for await (const one of temporal.workflow.list({ query })) found.push(one);
    });
  } catch (error) {
    log.warn({ err: error }, 'Temporal lists no workflows, the next pass will ask again');
  }
  return found;
}

const LOST = 'lost';

interface End {
  status: FinalStatus;
  reason: string;
  message: string;
}

/**
 * How a row has to end by what its workflow says; `lost` when there is none, null while it runs or belongs to
 * another generation.
 */
async function endOf(deps: Deps, video: OpenVideo): Promise<End | typeof LOST | null> {
  const handle = deps.temporal.workflow.getHandle(workflowIdOf(video.id));
  try {
    const found = await deps.temporal.withDeadline(Date.now() + DESCRIBE_DEADLINE_MS, () =>
      handle.describe(),
    );
    return generationOf(found) === video.generation ? closedAs(found.status.name, video) : null;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return LOST;
  }
}

function closedAs(status: string, video: OpenVideo): End | null {
  switch (status) {
    case 'CANCELLED':
      return {
        status: 'cancelled',
        reason: video.cancel_requested ?? 'operator_cancel',
        message: 'The workflow was cancelled',
      };
    case 'TERMINATED':
      return { status: 'cancelled', reason: 'terminated', message: 'The workflow was terminated' };
    case 'COMPLETED':
    case 'FAILED':
    case 'TIMED_OUT':
      // Without a claim it ended as superseded, which is nobody's end.
      if (video.claimed_by === null) return null;
      return { status: 'failed', reason: 'bug', message: `The workflow ended as ${status} without settling` };
    default:
      return null;
  }
}
