import { levelOf } from '../../domain/budget.ts';
import { microsOf, money } from './format.ts';

/** Money spent against its limit, in dollars; the marks are those at which the pipeline warns. */
export function CostBar({ cost, limit, label }: { cost: number; limit: number; label: string }) {
  const share = limit > 0 ? Math.min(1, cost / limit) : 1;
  return (
    <span
      class={`cost-bar ${levelOf(microsOf(cost), microsOf(limit))}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={`${money(cost)} of ${money(limit)}`}
    >
      <span class="spent" style={{ transform: `scaleX(${share})` }} />
    </span>
  );
}
