import { overallProgress } from '../../domain/progress.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Db } from '../stores/postgres.ts';
import { refuseFaultySpeech } from './faulty-speech.ts';

/**
 * Drops the results of these stages; then the video shows the progress and the warnings of the stages that are left.
 * With a narration whose sound was found at fault go its paid sentences. Without stages it only shows what is left, after
 * results have gone by other ways. Answers how many it dropped.
 */
export async function dropResults(db: Db, videoId: string, stages: readonly StageName[]): Promise<number> {
  if (stages.includes('audio_synthesis')) await refuseFaultySpeech(db, videoId);
  const dropped = await db.query('DELETE FROM stage_results WHERE video_id = $1 AND stage = ANY ($2)', [
    videoId,
    stages,
  ]);
  const { rows } = await db.query<{ stage: StageName }>(
    'SELECT stage FROM stage_results WHERE video_id = $1',
    [videoId],
  );
  const left = rows.map(({ stage }) => stage);
  await db.query(
    `UPDATE video_queue SET progress = $2, warnings =
       (SELECT coalesce(jsonb_agg(w), '[]') FROM jsonb_array_elements(warnings) w
        WHERE w->>'stage' = ANY ($3::text[])) WHERE id = $1`,
    [videoId, overallProgress(left), left],
  );
  return dropped.rowCount ?? 0;
}
