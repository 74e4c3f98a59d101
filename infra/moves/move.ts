import { publishIdOf } from '../../domain/publishing.ts';
import { isFinal, type VideoStatus } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { lockAdmission } from '../queue/admission.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';

/** A move that the video's state does not allow; `code` is stable, the message says what to do. */
export class MoveError extends Error {
  override name = 'MoveError';
  readonly code:
    | 'not_found'
    | 'deleted'
    | 'not_open'
    | 'not_ended'
    | 'publishing'
    | 'not_completed'
    | 'already_published'
    | 'doubtful'
    | 'not_connected'
    | 'expired'
    | 'cap_reached'
    | 'above_ceiling'
    | 'below_spent';

  constructor(code: MoveError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface MovedRow {
  id: string;
  status: VideoStatus;
  generation: number;
  claimed_by: string | null;
  video_paused: boolean;
  cancel_requested: string | null;
  estimated_cost: string;
  deleted: boolean;
}

/**
 * Runs a move of one video under the admission lock, so that none falls between an admission's decision and its
 * commit. Throws a MoveError: `not_found` for an unknown id, `deleted` for a video that is gone, unless it is `taken`.
 */
export function moveVideo<T>(
  deps: Deps,
  videoId: string,
  move: (tx: Db, row: MovedRow) => Promise<T>,
  options: { deleted: 'refused' | 'taken' } = { deleted: 'refused' },
): Promise<T> {
  return inTransaction(deps.pool, async (tx) => {
    await lockAdmission(tx, deps.config.schema);
    const { rows } = await tx.query<MovedRow>(
      `SELECT id, status, generation, claimed_by, video_paused, cancel_requested, estimated_cost,
         deleted_at IS NOT NULL AS deleted
       FROM video_queue WHERE id = $1 FOR NO KEY UPDATE`,
      [videoId],
    );
    const [row] = rows;
    if (!row) throw new MoveError('not_found', `there is no video ${videoId}`);
    if (row.deleted && options.deleted === 'refused') {
      throw new MoveError('deleted', `the video ${videoId} was deleted`);
    }
    return move(tx, row);
  });
}

/** Throws a MoveError `not_open` when the video has its end. */
export function assertOpen(row: MovedRow): void {
  if (!isFinal(row.status)) return;
  throw new MoveError('not_open', `the video has ended as ${row.status}: retry it to make it again`);
}

/** Its film may not be taken away meanwhile. */
export function publishing(videoId: string): MoveError {
  return new MoveError(
    'publishing',
    `the video is being published: wait for its end, or run temporal workflow cancel --workflow-id ${publishIdOf(videoId)}`,
  );
}
