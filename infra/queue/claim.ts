import type { ClaimAnswer, ClaimRequest } from '../../domain/contract.ts';
import type { Lane } from '../../domain/lanes.ts';
import { parseDollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';

/**
 * Takes an admission for a workflow: only one chain of runs can have it, however often it was delivered,
 * and the same chain may ask again. The answer carries the pause state of the same moment.
 */
export async function claim(deps: Deps, request: ClaimRequest): Promise<ClaimAnswer> {
  const { rows } = await deps.pool.query<ClaimRow>(
    `UPDATE video_queue q SET claimed_by = $4, control_version = s.version
     FROM video_budget b, pipeline_state s
     WHERE q.id = $1 AND b.video_id = q.id AND generation = $2 AND admission_no = $3
       AND status = 'processing' AND (claimed_by IS NULL OR claimed_by = $4)
     RETURNING lane, cap, spent, seq, retry_count, video_paused, paused, version,
       ARRAY(SELECT stage FROM stage_results r WHERE r.video_id = q.id) AS stored`,
    [request.video_id, request.generation, request.admission_no, request.chain],
  );
  const row = rows[0];
  if (!row) return { claimed: false };
  return {
    claimed: true,
    lane: row.lane,
    cap: parseDollars(row.cap),
    spend: { total: parseDollars(row.spent), seq: row.seq },
    stored: row.stored,
    run: row.retry_count + 1,
    paused: row.paused,
    video_paused: row.video_paused,
    version: row.version,
  };
}

interface ClaimRow {
  lane: Lane;
  cap: string;
  spent: string;
  seq: number;
  stored: StageName[];
  retry_count: number;
  video_paused: boolean;
  paused: boolean;
  version: number;
}
