import { SCORE_SQL } from '../../domain/score.ts';
import type { Deps } from '../deps.ts';
import { audit } from './audit.ts';
import { assertOpen, moveVideo } from './move.ts';

/** Moves a video forward or back in the queue; it keeps its time of waiting. Throws a MoveError. */
export async function changePriority(
  deps: Deps,
  videoId: string,
  who: string,
  priority: number,
): Promise<void> {
  await moveVideo(deps, videoId, async (tx, row) => {
    assertOpen(row);
    await tx.query('UPDATE video_queue SET priority = $2 WHERE id = $1', [videoId, priority]);
    await tx.query(`UPDATE video_queue SET score = ${SCORE_SQL} WHERE id = $1`, [videoId]);
    await audit(tx, who, 'priority', videoId, { priority });
  });
}
