import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowIdOf } from '../../domain/contract.ts';
import { isFinal } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { settle } from '../queue/settle.ts';
import { generationOf } from '../temporal/temporal.ts';
import { audit } from './audit.ts';
import { moveVideo } from './move.ts';

const CANCEL_DEADLINE_MS = 2_000;
const CANCEL_AT_ONCE = 16;

/**
 * Asks for a video's end. The request is durable before Temporal hears of it, so it works while that is away:
 * reconcile completes it. A video that has ended stays as it is. Throws a MoveError for an unknown id.
 */
export async function cancelVideo(deps: Deps, videoId: string, who: string): Promise<void> {
  const open = await moveVideo(deps, videoId, async (tx, row) => {
    if (isFinal(row.status) || row.cancel_requested) return !isFinal(row.status);
    await tx.query(`UPDATE video_queue SET cancel_requested = 'operator_cancel' WHERE id = $1`, [videoId]);
    await audit(tx, who, 'cancel', videoId);
    return true;
  });
  if (open) await completeCancels(deps, videoId);
}

interface Cancelling {
  id: string;
  generation: number;
  claimed_by: string | null;
  cancel_requested: string;
}

/**
 * Carries out the cancels that were asked for, of one video or of all: cancels the workflow, or settles the row
 * when none runs. Doing it again is harmless; reconcile does at each tick. Returns how many it reached.
 */
export async function completeCancels(deps: Deps, videoId: string | null = null): Promise<number> {
  const { rows } = await deps.pool.query<Cancelling>(
    `SELECT id, generation, claimed_by, cancel_requested FROM video_queue
     WHERE cancel_requested IS NOT NULL AND status IN ('queued', 'processing') AND ($1::uuid IS NULL OR id = $1)`,
    [videoId],
  );
  let reached = 0;
  for (let index = 0; index < rows.length; index += CANCEL_AT_ONCE) {
    const some = rows.slice(index, index + CANCEL_AT_ONCE);
    reached += (await Promise.all(some.map((video) => completeCancel(deps, video)))).filter(Boolean).length;
  }
  return reached;
}

async function completeCancel(deps: Deps, video: Cancelling): Promise<boolean> {
  try {
    const running = await deps.temporal.withDeadline(Date.now() + CANCEL_DEADLINE_MS, () =>
      cancelIfRunning(deps, video),
    );
    return running || (await settleWithoutWorkflow(deps, video));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return settleWithoutWorkflow(deps, video);
    deps.log.warn({ err: error, video_id: video.id }, 'cancel not delivered, reconcile will');
    return false;
  }
}

/**
 * False when the workflow is closed, for example as superseded by a late delivery: Temporal takes a cancel of it
 * without a word, and nobody would ever settle the row. Also when it is of another generation: that of a video which
 * was retried since its row was read goes on.
 */
async function cancelIfRunning({ temporal }: Deps, { id, generation }: Cancelling): Promise<boolean> {
  const found = await temporal.workflow.getHandle(workflowIdOf(id)).describe();
  if (found.status.name !== 'RUNNING' || generationOf(found) !== generation) return false;
  await temporal.workflow.getHandle(found.workflowId, found.runId).cancel();
  return true;
}

async function settleWithoutWorkflow(deps: Deps, video: Cancelling): Promise<boolean> {
  await settle(deps, {
    video_id: video.id,
    generation: video.generation,
    admission_no: null,
    chain: video.claimed_by ?? '',
    status: 'cancelled',
    reason: video.cancel_requested,
    stage: null,
    message: 'Cancelled by the operator',
  });
  return true;
}
