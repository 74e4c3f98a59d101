import {
  PUBLISH_WORKFLOW_TYPE,
  type PublishEnd,
  type PublishInput,
  publishIdOf,
} from '../../domain/publishing.ts';
import type { Deps } from '../deps.ts';
import type { Db } from '../stores/postgres.ts';
import { startOnce } from '../temporal/start-once.ts';
import { endPublication } from './publications.ts';

const START_DEADLINE_MS = 5_000;
/** Most publications of one pass. */
const AT_ONCE = 20;
/** A video that was completed longer ago was not forgotten by a lost start. */
const MADE_UP_FOR = `interval '30 days'`;

const TO_PUBLISH = `
  INSERT INTO publications (video_id, channel_id, publish_at, ready_at)
  SELECT id, channel_id, (request_data->>'publish_at')::timestamptz, completed_at FROM video_queue q
  WHERE status = 'completed' AND request_data->'publish' = 'true'
    AND NOT EXISTS (SELECT 1 FROM publications p WHERE p.video_id = q.id)`;

/** A video that has just been completed goes on its way to YouTube, if its order says so. Never throws: reconcile makes up for it. */
export async function publishCompleted(deps: Deps, videoId: string): Promise<void> {
  try {
    const { rowCount } = await deps.pool.query(`${TO_PUBLISH} AND id = $1 ON CONFLICT DO NOTHING`, [videoId]);
    if (rowCount === 1) await startPublication(deps, videoId);
  } catch (error) {
    deps.log.warn({ err: error, video_id: videoId }, 'its publication was not started, reconcile will');
  }
}

/**
 * Makes up for starts that were lost, and ends publications whose workflow was ended by hand. Again is harmless.
 * Throws when Postgres or Temporal is away.
 */
export async function reconcilePublications(deps: Deps): Promise<void> {
  await deps.pool.query(
    `${TO_PUBLISH} AND completed_at > clock_timestamp() - ${MADE_UP_FOR} ON CONFLICT DO NOTHING`,
  );
  for (const videoId of await leastLookedAt(deps.pool, deps.config.times.redeliverMs)) {
    await startPublication(deps, videoId);
  }
}

async function leastLookedAt(db: Db, notWithinMs: number): Promise<string[]> {
  const { rows } = await db.query<{ video_id: string }>(
    `SELECT video_id FROM publications WHERE state IN ('waiting', 'uploading')
       AND (looked_at IS NULL OR looked_at < clock_timestamp() - $1 * interval '1 ms')
     ORDER BY looked_at NULLS FIRST, ready_at LIMIT ${AT_ONCE}`,
    [notWithinMs],
  );
  return rows.map(({ video_id }) => video_id);
}

/**
 * Starts the workflow unless it runs; a publication whose workflow is closed without an end gets one. One that nobody
 * has looked at since it was asked for may follow an earlier one that failed.
 */
export async function startPublication(deps: Deps, videoId: string): Promise<void> {
  const input: PublishInput = { video_id: videoId };
  const closed = await startOnce(deps, {
    type: PUBLISH_WORKFLOW_TYPE,
    workflowId: publishIdOf(videoId),
    input,
    summary: `Publish ${videoId}`,
    deadlineMs: START_DEADLINE_MS,
    mayFollow: !(await wasLookedAt(deps.pool, videoId)),
  });
  if (closed !== null) await endPublication(deps.pool, { video_id: videoId, ...closedAs(closed) });
  await deps.pool.query('UPDATE publications SET looked_at = clock_timestamp() WHERE video_id = $1', [
    videoId,
  ]);
}

async function wasLookedAt(db: Db, videoId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT 1 FROM publications WHERE video_id = $1 AND looked_at IS NOT NULL',
    [videoId],
  );
  return rowCount === 1;
}

function closedAs(status: string): Omit<PublishEnd, 'video_id'> {
  if (status === 'CANCELLED' || status === 'TERMINATED') {
    const message = `The workflow was ${status.toLowerCase()}`;
    return { state: 'cancelled', reason: 'operator_cancel', message };
  }
  return {
    state: 'failed',
    reason: 'bug',
    message: `The workflow ended as ${status} without an end of its own`,
  };
}
