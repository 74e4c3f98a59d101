import type { DryRun } from '../answers.ts';
import { duration, money, shortTime } from '../format.ts';
import { draft, orderOf } from './draft.ts';
import { busy, estimate, placeOrder } from './place-order.ts';

/** What the order would cost and when it would be ready, and the button that orders it for that. */
export function Estimate() {
  const known = estimate.value;
  const isOfThis = known !== null && known.of === JSON.stringify(orderOf(draft.value));
  return (
    <section class="panel estimate" aria-labelledby="estimate-title">
      <h2 id="estimate-title">Estimate</h2>
      <div aria-live="polite">
        {known === null && <p class="soft">Estimate first; nothing is ordered by that.</p>}
        {known && <Figures answer={known.answer} />}
        {known && !isOfThis && <p class="notice warn">The form has changed: estimate again.</p>}
      </div>
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={!isOfThis || busy.value}
          onClick={() => void placeOrder()}
        >
          {isOfThis ? `Order for about ${money(known.answer.estimated_cost)}` : 'Order'}
        </button>
      </div>
    </section>
  );
}

function Figures({ answer }: { answer: DryRun }) {
  return (
    <dl class="figures">
      <div>
        <dt>Cost</dt>
        <dd>{money(answer.estimated_cost)}</dd>
      </div>
      <div>
        <dt>Position</dt>
        <dd>{answer.position ?? 'at once'}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>{duration(answer.estimated_time * 1000)}</dd>
      </div>
      <div>
        <dt>Ready about</dt>
        <dd>{answer.eta ? shortTime(answer.eta, Date.now()) : 'not known'}</dd>
      </div>
    </dl>
  );
}
