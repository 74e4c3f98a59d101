import type { SpendState } from '../../domain/budget.ts';
import { SPEND_QUERY, workflowIdOf } from '../../domain/contract.ts';
import { type Micros, parseDollars } from '../../domain/money.ts';
import type { Deps } from '../../infra/deps.ts';
import { readVideoCosts } from '../../infra/money/costs.ts';
import { SPENT } from '../../infra/money/ledger.ts';
import { readVideo } from '../../infra/views/video-view.ts';

/** What a video has cost, by each account that Postgres and the API keep. */
interface Totals {
  /** Sum of the rows that are money spent. */
  ledger: Micros;
  /** The counter that is the gate. */
  budget: Micros;
  /** `actual_cost` of its status. */
  status: Micros;
  /** `total_cost` of its costs. */
  costs: Micros;
  /** Set aside: by the counter, and by the rows. */
  held: [Micros, Micros];
  /** What its end was written with; null while it has none. */
  ended: Micros | null;
}

/** Reads all accounts, of a moment each: only of a video at rest they are of one. */
export async function totalsOf(deps: Deps, videoId: string): Promise<Totals> {
  const { rows } = await deps.pool.query<Record<'ledger' | 'spent' | 'held' | 'holds', string> & Ended>(
    `SELECT b.spent, b.held, q.actual_cost AS ended,
       (SELECT coalesce(sum(amount), 0) FROM pipeline_costs WHERE video_id = q.id AND ${SPENT}) AS ledger,
       (SELECT coalesce(sum(amount), 0) FROM pipeline_costs WHERE video_id = q.id AND state = 'held') AS holds
     FROM video_queue q JOIN video_budget b ON b.video_id = q.id WHERE q.id = $1`,
    [videoId],
  );
  const [row] = rows;
  const [view, costs] = await Promise.all([readVideo(deps, videoId), readVideoCosts(deps, videoId)]);
  if (!row || !view || !costs) throw new Error(`video ${videoId} is not there`);
  return {
    ledger: parseDollars(row.ledger),
    budget: parseDollars(row.spent),
    status: parseDollars(view.actual_cost),
    costs: parseDollars(costs.total_cost),
    held: [parseDollars(row.held), parseDollars(row.holds)],
    ended: row.ended === null ? null : parseDollars(row.ended),
  };
}

interface Ended {
  ended: string | null;
}

/** The last that the workflow knew; a closed one answers, too, if it has ever run. */
export async function workflowTotal({ temporal }: Deps, videoId: string): Promise<Micros> {
  return (await temporal.workflow.getHandle(workflowIdOf(videoId)).query<SpendState>(SPEND_QUERY)).total;
}

/** Whether ledger, budget and API say the same, and nothing is set aside any more. */
export function areOne({ ledger, budget, status, costs, held }: Totals): boolean {
  return [budget, status, costs].every((total) => total === ledger) && held.every((amount) => amount === 0);
}
