import { MARKS } from '../../domain/budget.ts';
import type { AlertLevel } from '../../domain/events.ts';
import { formatDollars, type Micros, sumOf, toDollars } from '../../domain/money.ts';
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
  if (recorded.late && paid.length > 0) return alertCost(deps, videoId, 'late_charge', state.total, stage);
  let total = state.total - sumOf(paid);
  for (const { service, operation, amount } of paid) {
    total += amount;
    const charged = { service, operation, amount: toDollars(amount), total: toDollars(total) };
    await deps.events.publish({ type: 'cost.charged', video_id: videoId, ...charged });
  }
  const highest = MARKS.findLast((mark) => marks.includes(mark));
  if (highest) await alertCost(deps, videoId, highest, state.total, stage);
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
