import { levelOf, MARKS } from '../../domain/budget.ts';
import { formatDollars, type Micros, parseDollars, toDollars, toNumeric } from '../../domain/money.ts';
import { SCORE_SQL } from '../../domain/score.ts';
import { isFinal } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { admit } from '../queue/admission.ts';
import type { Db } from '../stores/postgres.ts';
import { audit } from './audit.ts';
import { nextVersion, tellControl } from './control.ts';
import { assertOpen, MoveError, moveVideo } from './move.ts';

/** What an operator may change of a video; what is left out stays. */
export interface VideoChange {
  priority?: number | undefined;
  max_cost?: Micros | undefined;
}

/**
 * Changes all that is asked for, or nothing. A new priority moves a video in the queue and keeps its time of
 * waiting; a new cap also reaches the workflow that is at it. Throws a MoveError: `not_open` for the priority of an
 * ended video, `above_ceiling`, `below_spent`.
 */
export async function changeVideo(
  deps: Deps,
  videoId: string,
  who: string,
  change: VideoChange,
): Promise<void> {
  const { priority, max_cost } = change;
  const isOpen = await moveVideo(deps, videoId, async (tx, row) => {
    if (priority !== undefined) {
      assertOpen(row);
      await setPriority(tx, videoId, who, priority);
    }
    if (max_cost !== undefined) await setCap(tx, videoId, who, max_cost, deps.config.money.costCeiling);
    return !isFinal(row.status);
  });
  if (max_cost !== undefined) await tellControl(deps);
  // The stream of an ended video has its last event.
  if (isOpen) await tellWatchers(deps, videoId, change);
  await admit(deps);
}

async function tellWatchers({ events }: Deps, videoId: string, asked: VideoChange): Promise<void> {
  for (const change of ['priority', 'max_cost'] as const) {
    if (asked[change] !== undefined) {
      await events.publish({ type: 'video.changed', video_id: videoId, change });
    }
  }
}

async function setPriority(tx: Db, videoId: string, who: string, priority: number): Promise<void> {
  await tx.query('UPDATE video_queue SET priority = $2 WHERE id = $1', [videoId, priority]);
  await tx.query(`UPDATE video_queue SET score = ${SCORE_SQL} WHERE id = $1`, [videoId]);
  await audit(tx, who, 'priority', videoId, { priority });
}

/** Locks the budget first: no charge falls between the look at what is spent and the new cap. */
async function setCap(tx: Db, videoId: string, who: string, cap: Micros, ceiling: Micros): Promise<void> {
  if (cap > ceiling) {
    throw new MoveError(
      'above_ceiling',
      `is above ${formatDollars(ceiling)}, the most that COST_CEILING_USD allows`,
    );
  }
  const { rows } = await tx.query<{ cap: string; spent: string; held: string }>(
    'SELECT cap, spent, held FROM video_budget WHERE video_id = $1 FOR UPDATE',
    [videoId],
  );
  const budget = rows[0];
  if (!budget) throw new Error(`video ${videoId} has no budget`);
  const used = parseDollars(budget.spent) + parseDollars(budget.held);
  if (cap < used) {
    throw new MoveError('below_spent', `is below ${formatDollars(used)}, which is spent or held already`);
  }
  const before = parseDollars(budget.cap);
  if (cap === before) return;
  await tx.query('UPDATE video_budget SET cap = $2 WHERE video_id = $1', [videoId, toNumeric(cap)]);
  await forgetMarks(tx, videoId, parseDollars(budget.spent), cap);
  await nextVersion(tx);
  await audit(tx, who, 'max_cost', videoId, { before: toDollars(before), after: toDollars(cap) });
}

/** Marks that the new cap puts out of reach again are told when they are reached again. */
async function forgetMarks(tx: Db, videoId: string, spent: Micros, cap: Micros): Promise<void> {
  const level = levelOf(spent, cap);
  const ahead = level === 'ok' ? MARKS : MARKS.slice(MARKS.indexOf(level) + 1);
  await tx.query('DELETE FROM cost_alerts WHERE video_id = $1 AND level = ANY($2)', [videoId, [...ahead]]);
}
