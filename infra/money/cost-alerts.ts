import { MARKS, type Mark } from '../../domain/budget.ts';
import type { AlertLevel } from '../../domain/events.ts';
import { formatDollars, type Micros, parseDollars, sumOf, toDollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';
import type { Recorded } from './ledger.ts';

/**
 * Publishes what was recorded, once it is committed: each new line, and the highest mark that was reached for the
 * first time. Of a video that has ended, only that it was charged after its end.
 */
export async function announceCharges(deps: Deps, videoId: string, recorded: Recorded): Promise<void> {
  const { fresh, state, stage, marks } = recorded;
  const paid = fresh.filter(({ amount }) => amount > 0);
  if (recorded.late && paid.length > 0) {
    return tellMarks(deps, { videoId, marks }, 'late_charge', state.total, stage);
  }
  let total = state.total - sumOf(paid);
  for (const { service, operation, amount } of paid) {
    total += amount;
    const charged = { service, operation, amount: toDollars(amount), total: toDollars(total) };
    await deps.events.publish({ type: 'cost.charged', video_id: videoId, ...charged });
  }
  const highest = highestOf(marks);
  if (highest) await tellMarks(deps, { videoId, marks }, highest, state.total, stage);
}

function highestOf(marks: readonly Mark[]): Mark | undefined {
  return MARKS.findLast((mark) => marks.includes(mark));
}

/**
 * Tells the marks whose process died before it could, and those of an outage of Redis once that is over. A mark may so be
 * told twice, and none is lost. Throws when Postgres is away.
 */
export async function tellForgottenMarks(deps: Deps): Promise<void> {
  const { rows } = await deps.pool.query<{ video_id: string; marks: Mark[]; spent: string }>(
    `SELECT video_id, array_agg(level) AS marks, spent FROM cost_alerts JOIN video_budget USING (video_id)
     WHERE told_at IS NULL AND at < clock_timestamp() - $1 * interval '1 ms'
     GROUP BY video_id, spent`,
    [deps.config.times.redeliverMs],
  );
  if (rows.length === 0 || !(await deps.events.isLive())) return;
  for (const { video_id: videoId, marks, spent } of rows) {
    const highest = highestOf(marks);
    if (highest) await tellMarks(deps, { videoId, marks }, highest, parseDollars(spent), null);
  }
}

/** One alert for all these marks, which count as told once Redis has taken it. */
async function tellMarks(
  deps: Deps,
  { videoId, marks }: { videoId: string; marks: readonly Mark[] },
  level: AlertLevel,
  cost: Micros,
  stage: StageName | null,
): Promise<void> {
  const { events, log, pool } = deps;
  const dropped = events.dropped();
  await alertCost(deps, videoId, level, cost, stage);
  if (marks.length === 0 || events.dropped() > dropped) return;
  await pool
    .query('UPDATE cost_alerts SET told_at = clock_timestamp() WHERE video_id = $1 AND level = ANY ($2)', [
      videoId,
      marks,
    ])
    .catch((error) => log.warn({ err: error, video_id: videoId }, 'a cost alert may be told again'));
}

/** `cost` is the video's total, but for a `price_mismatch`, where it is the bill of that call. */
export async function alertCost(
  deps: Pick<Deps, 'events' | 'log'>,
  videoId: string,
  level: AlertLevel,
  cost: Micros,
  stage: StageName | null,
): Promise<void> {
  deps.log.warn({ video_id: videoId, level, stage }, `cost alert: ${level} at ${formatDollars(cost)}`);
  await deps.events.publish({ type: 'cost.alert', video_id: videoId, level, cost: toDollars(cost), stage });
}
