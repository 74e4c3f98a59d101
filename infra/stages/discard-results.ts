import type { DiscardRequest } from '../../domain/contract.ts';
import { misfitOf } from '../../domain/narration.ts';
import { redoneFrom, rejectionOf } from '../../domain/quality.ts';
import type { StageResults } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { dropAnswers } from '../money/paid-answers.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { dropResults } from './drop-results.ts';

/**
 * Drops the results of a stage and of all that is made from it, with their warnings, paid answers and kept segments, so
 * that these stages are made again; what they cost stays in the ledger. Acts only while a rejected quality result
 * stands, or a narration that misses its length, so that a call whose reply was lost, made again, drops nothing new.
 * False when the video belongs to another admission or has ended.
 */
export async function discardResults(deps: Deps, request: DiscardRequest): Promise<boolean> {
  const { video_id, from } = request;
  const done = await inTransaction(deps.pool, async (tx) => {
    if (!(await lockClaimed(tx, request))) return { mine: false, checks: null };
    const checks = await faultsOf(tx, request);
    if (checks === null) return { mine: true, checks };
    // Before the commit: after it a new render may already be keeping segments.
    await deps.artifacts.remove(`${video_id}/kept/`);
    await dropResults(tx, video_id, redoneFrom(from));
    // A script for another speed is another question; what was spoken is found again.
    if (from !== 'script_generation') await dropAnswers(tx, video_id, redoneFrom(from));
    await audit(tx, request, checks);
    return { mine: true, checks };
  });
  if (done.checks !== null) {
    await deps.events.publish({ type: 'quality.failed', video_id, checks: done.checks, mend: from });
  }
  return done.mine;
}

async function lockClaimed(tx: Db, request: DiscardRequest): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM video_queue WHERE id = $1 AND generation = $2 AND admission_no = $3 AND claimed_by = $4
       AND status = 'processing' FOR NO KEY UPDATE`,
    [request.video_id, request.generation, request.admission_no, request.chain],
  );
  return rowCount === 1;
}

/** What is wrong with the results that stand; null when nothing is, so that nothing is dropped. */
async function faultsOf(tx: Db, { video_id, from }: DiscardRequest): Promise<string | null> {
  const { rows } = await tx.query<{ order: Order; results: Partial<StageResults> | null }>(
    `SELECT request_data AS order, (SELECT jsonb_object_agg(stage, result) FROM stage_results WHERE video_id = id
       AND stage = ANY ('{script_generation,audio_synthesis,quality_validation}')) AS results
     FROM video_queue WHERE id = $1`,
    [video_id],
  );
  const { script_generation, audio_synthesis, quality_validation } = rows[0]?.results ?? {};
  if (from !== 'script_generation') {
    return quality_validation ? (rejectionOf(quality_validation)?.checks ?? null) : null;
  }
  if (!rows[0] || !script_generation || !audio_synthesis) return null;
  return misfitOf(rows[0].order, script_generation, audio_synthesis);
}

async function audit(tx: Db, { video_id, from }: DiscardRequest, checks: string): Promise<void> {
  await tx.query(
    `INSERT INTO audit_log (who, action, video_id, detail) VALUES ('quality', 'discard_results', $1, $2)`,
    [video_id, { from, checks }],
  );
}
