import { fits } from '../../domain/budget.ts';
import { formatDollars, parseDollars, toDollars } from '../../domain/money.ts';
import { nextStages, STAGE_NAMES, STAGES, type StageName } from '../../domain/stages.ts';
import { isFinal } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { spendOf } from '../money/ledger.ts';
import { dropAnswers } from '../money/paid-answers.ts';
import { forgetUpload, isOnItsWay } from '../publish/publications.ts';
import { admit } from '../queue/admission.ts';
import { STARTABLE } from '../queue/queue-order.ts';
import { showWaiting } from '../queue/show-waiting.ts';
import { dropResults } from '../stages/drop-results.ts';
import type { Db } from '../stores/postgres.ts';
import type { StartableVideo } from '../temporal/temporal.ts';
import { audit } from './audit.ts';
import { type MovedRow, MoveError, moveVideo, publishing } from './move.ts';

/**
 * Makes an ended video again: from the stage where it failed, since finished stages keep their results, or from
 * `fromStage`, whose result and those after it are dropped. A new generation, so that nothing of the old workflow
 * can end it. Throws a MoveError: `not_ended`, `publishing`, or `cap_reached` when its next stage does not fit under its
 * cap.
 */
export async function retryVideo(
  deps: Deps,
  videoId: string,
  who: string,
  fromStage: StageName | null = null,
): Promise<void> {
  const { cost, video } = await moveVideo(deps, videoId, async (tx, row) => {
    if (!isFinal(row.status))
      throw new MoveError('not_ended', `the video is ${row.status}: it has not ended`);
    if (row.status === 'completed' && !fromStage) {
      throw new MoveError(
        'not_ended',
        'the video is completed: name the stage to begin from with from_stage',
      );
    }
    if (await isOnItsWay(tx, videoId)) throw publishing(videoId);
    await forgetUpload(tx, videoId);
    await dropFrom(tx, videoId, fromStage);
    await assertMoney(tx, videoId);
    const video = await requeue(tx, row);
    await audit(tx, who, 'retry', videoId, fromStage ? { from_stage: fromStage } : {});
    return { cost: parseDollars(row.estimated_cost), video };
  });
  const queued = { type: 'video.queued', position: null, estimated_cost: toDollars(cost) } as const;
  await deps.events.publish({ ...queued, video_id: videoId });
  const admitted = await admit(deps);
  // Its old workflow is closed: a cancel in Temporal would go there, and be lost.
  if (!admitted.some(({ id }) => id === videoId)) await showWaiting(deps, video);
}

/** What would be refused at the gate of its next stage is refused here, where it can be told what to do. */
async function assertMoney(tx: Db, videoId: string): Promise<void> {
  const { total, held, cap } = await spendOf(tx, videoId);
  const { rows } = await tx.query<{ stage: StageName }>(
    'SELECT stage FROM stage_results WHERE video_id = $1',
    [videoId],
  );
  const next = nextStages(rows.map(({ stage }) => stage));
  const used = total + held;
  if (used < cap && fits(used, cap, next)) return;
  const wanted = next.reduce((sum, stage) => sum + STAGES[stage].estimate, used);
  const needs = `${next.join(' and ') || 'its end'} needs a cap of ${formatDollars(Math.max(wanted, used + 1))}`;
  throw new MoveError(
    'cap_reached',
    `${formatDollars(used)} of ${formatDollars(cap)} are spent and ${needs}: raise its max_cost with PATCH /pipeline/videos/${videoId} first`,
  );
}

async function dropFrom(tx: Db, videoId: string, from: StageName | null): Promise<void> {
  const dropped = from ? STAGE_NAMES.slice(STAGE_NAMES.indexOf(from)) : [];
  await dropResults(tx, videoId, dropped);
  // With the stored answers the same results would come back.
  await dropAnswers(tx, videoId, dropped);
}

/** The number of its admissions goes on: an old delivery must never fit a new one. */
async function requeue(tx: Db, row: MovedRow): Promise<StartableVideo> {
  const { rows } = await tx.query<StartableVideo>(
    `UPDATE video_queue SET status = 'queued', generation = generation + 1, reason = NULL, lane = NULL,
       claimed_by = NULL, admitted_at = NULL, completed_at = NULL, processing_started_at = NULL,
       processing_time_seconds = NULL, actual_cost = NULL, not_before = NULL, cancel_requested = NULL,
       video_paused = false, retry_count = 0, result = NULL, control_version = 0
     WHERE id = $1 RETURNING ${STARTABLE}`,
    [row.id],
  );
  return rows[0] as StartableVideo;
}
