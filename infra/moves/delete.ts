import { WorkflowNotFoundError } from '@temporalio/client';
import { parseDollars, toDollars } from '../../domain/money.ts';
import { publishIdOf } from '../../domain/publishing.ts';
import { isFinal } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { SUBJECT } from '../queue/queue-order.ts';
import { purgeVideo } from '../retention/deleted-videos.ts';
import type { Db } from '../stores/postgres.ts';
import { audit } from './audit.ts';
import { type MovedRow, MoveError, moveVideo, publishing } from './move.ts';

const DESCRIBE_DEADLINE_MS = 2_000;
/** A video that was completed longer ago is published no more (see publish/start.ts). */
const PUBLISHED_WITHIN = `interval '30 days'`;

/**
 * Takes an ended video away for good: its content at once, in one transaction with the audit row, its files right
 * after it, or by the next tidy pass when this process dies or the store is away. The ledger stays. Again changes
 * nothing. Throws a MoveError: `not_found`, `not_ended`, `publishing`.
 */
export async function deleteVideo(deps: Deps, videoId: string, who: string): Promise<void> {
  const publishes = await runsPublication(deps, videoId);
  await moveVideo(
    deps,
    videoId,
    async (tx, row) => {
      if (row.deleted) return;
      assertEnded(row);
      if (publishes || (await awaitsPublication(tx, videoId))) throw publishing(videoId);
      await erase(tx, row, who);
    },
    { deleted: 'taken' },
  );
  await purgeVideo(deps, videoId).catch((error: unknown) =>
    deps.log.warn(
      { err: error, video_id: videoId },
      'its files are not removed yet, the next tidy pass will',
    ),
  );
}

function assertEnded({ id, status }: MovedRow): void {
  if (isFinal(status)) return;
  throw new MoveError(
    'not_ended',
    `the video is ${status}: cancel it first with POST /pipeline/videos/${id}/cancel`,
  );
}

/** One that is published already may still get its thumbnail and captions, so that its row is no proof. */
async function runsPublication({ pool, temporal }: Deps, videoId: string): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT 1 FROM publications WHERE video_id = $1', [videoId]);
  if (rowCount === 0) return false;
  try {
    const handle = temporal.workflow.getHandle(publishIdOf(videoId));
    const { status } = await temporal.withDeadline(Date.now() + DESCRIBE_DEADLINE_MS, () =>
      handle.describe(),
    );
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    const message = 'Temporal is away and cannot say whether the video is being published: try again';
    throw new MoveError('publishing', message);
  }
}

async function awaitsPublication(tx: Db, videoId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM video_queue q LEFT JOIN publications p ON p.video_id = q.id
     WHERE q.id = $1 AND (p.state IN ('waiting', 'uploading') OR p.state IS NULL AND q.status = 'completed'
       AND q.request_data -> 'publish' = 'true' AND q.completed_at > clock_timestamp() - ${PUBLISHED_WITHIN})`,
    [videoId],
  );
  return rowCount === 1;
}

/** Of its order only the uploads stay that no other video names, until their files are gone. */
const ERASE = `
  UPDATE video_queue q SET deleted_at = clock_timestamp(), artifacts_expired_at = clock_timestamp(), user_id = '',
    result = NULL, error_log = '[]', warnings = '[]', request_data = jsonb_build_object('media', (
      SELECT coalesce(jsonb_agg(m.id), '[]') FROM jsonb_array_elements_text(q.request_data -> 'media') AS m(id)
      WHERE NOT EXISTS (SELECT 1 FROM video_queue o WHERE o.id <> q.id AND o.request_data -> 'media' ? m.id)))
  FROM (SELECT ${SUBJECT} AS title, spent FROM video_queue JOIN video_budget ON video_id = id WHERE id = $1) AS old
  WHERE q.id = $1 RETURNING old.title, old.spent`;

async function erase(tx: Db, { id, status }: MovedRow, who: string): Promise<void> {
  const { rows } = await tx.query<{ title: string; spent: string }>(ERASE, [id]);
  const [old] = rows;
  if (!old) throw new Error(`video ${id} has no budget`);
  await audit(tx, who, 'delete', id, { title: old.title, status, cost: toDollars(parseDollars(old.spent)) });
}
