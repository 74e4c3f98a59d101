import { PIPELINE_CONTROL, type PipelineControlSignal, workflowIdOf } from '../../domain/contract.ts';
import { parseDollars } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import type { Db } from '../stores/postgres.ts';

const SIGNAL_DEADLINE_MS = 2_000;

/** A new version of the pause state and the caps, which every later answer and signal carries; the larger one wins. */
export async function nextVersion(tx: Db): Promise<number> {
  const { rows } = await tx.query<{ version: number }>(
    'UPDATE pipeline_state SET version = version + 1 RETURNING version',
  );
  return rows[0]?.version ?? 0;
}

interface Untold {
  id: string;
  version: number;
  paused: boolean;
  video_paused: boolean;
  cap: string;
}

/**
 * Tells the workflows of videos in production the pause state and the cap that they have not heard yet. What a dead API did
 * not send is sent by the next call; reconcile calls it at each tick. Returns how many were told.
 */
export async function tellControl(deps: Deps): Promise<number> {
  const { rows } = await deps.pool.query<Untold>(
    `SELECT q.id, s.version, s.paused, q.video_paused, b.cap
     FROM video_queue q JOIN video_budget b ON b.video_id = q.id, pipeline_state s
     WHERE q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.control_version < s.version`,
  );
  const told = await Promise.all(rows.map((video) => tell(deps, video)));
  return told.filter(Boolean).length;
}

async function tell(deps: Deps, { id, cap, ...state }: Untold): Promise<boolean> {
  const signal: PipelineControlSignal = { ...state, cap: parseDollars(cap) };
  try {
    await deps.temporal.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
      deps.temporal.workflow.getHandle(workflowIdOf(id)).signal(PIPELINE_CONTROL, signal),
    );
  } catch (error) {
    deps.log.warn({ err: error, video_id: id }, 'pause state not delivered, reconcile will');
    return false;
  }
  await deps.pool.query(
    'UPDATE video_queue SET control_version = greatest(control_version, $2) WHERE id = $1',
    [id, state.version],
  );
  return true;
}
