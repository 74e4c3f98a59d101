import type { ClaimAnswer, ClaimRequest } from '../../domain/contract.ts';
import type { Lane } from '../../domain/lanes.ts';
import { parseDollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';

/**
 * Takes an admission for a workflow: only one chain of runs can have it, however often it was delivered,
 * and the same chain may ask again. The answer carries the pause state, the cap and the money of a moment after that.
 */
export async function claim(deps: Deps, request: ClaimRequest): Promise<ClaimAnswer> {
  const taken = await take(deps, request);
  if (!taken) return { claimed: false };
  const { cap, spent, seq, ...state } = await readState(deps, request.video_id);
  return {
    claimed: true,
    lane: taken.lane,
    cap: parseDollars(cap),
    spend: { total: parseDollars(spent), seq },
    run: taken.retry_count + 1,
    ...state,
  };
}

async function take({ pool }: Deps, request: ClaimRequest): Promise<Taken | undefined> {
  const { rows } = await pool.query<Taken>(
    `UPDATE video_queue SET claimed_by = $4, control_version = s.version FROM pipeline_state s
     WHERE id = $1 AND generation = $2 AND admission_no = $3
       AND status = 'processing' AND (claimed_by IS NULL OR claimed_by = $4)
     RETURNING lane, retry_count`,
    [request.video_id, request.generation, request.admission_no, request.chain],
  );
  return rows[0];
}

/** Read when the claim is committed: a pause or a cap that comes later than this finds the claim, and is told. */
async function readState({ pool }: Deps, videoId: string): Promise<State> {
  const { rows } = await pool.query<State>(
    `SELECT cap, spent, seq, priority, video_paused, paused, version,
       ARRAY(SELECT stage FROM stage_results r WHERE r.video_id = q.id) AS stored
     FROM video_queue q JOIN video_budget b ON b.video_id = q.id, pipeline_state
     WHERE q.id = $1`,
    [videoId],
  );
  if (!rows[0]) throw new Error(`video ${videoId} has no budget`);
  return rows[0];
}

interface Taken {
  lane: Lane;
  retry_count: number;
}

interface State {
  cap: string;
  spent: string;
  seq: number;
  stored: StageName[];
  priority: number;
  video_paused: boolean;
  paused: boolean;
  version: number;
}
