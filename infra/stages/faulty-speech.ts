import { isSoundAtFault } from '../../domain/quality.ts';
import type { StageResults } from '../../domain/results.ts';
import { refuseAnswers } from '../money/paid-answers.ts';
import type { Db } from '../stores/postgres.ts';

/**
 * Where the quality check that stands found the sound of the narration at fault, its paid sentences are used for no
 * video any more: with them the same sound would come back. Has to be called before these results are dropped.
 */
export async function refuseFaultySpeech(db: Db, videoId: string): Promise<void> {
  const { rows } = await db.query<{ results: Partial<StageResults> | null }>(
    `SELECT jsonb_object_agg(stage, result) AS results FROM stage_results
     WHERE video_id = $1 AND stage IN ('audio_synthesis', 'quality_validation')`,
    [videoId],
  );
  const { audio_synthesis, quality_validation } = rows[0]?.results ?? {};
  if (!quality_validation || !isSoundAtFault(quality_validation)) return;
  await refuseAnswers(db, audio_synthesis?.sentenceFiles ?? []);
}
