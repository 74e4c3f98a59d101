import { cents, duration } from '../format.ts';
import { meanTimeS, metrics, today } from './pipeline.ts';

/** Money, success and time of the day, and how much there is to do. */
export function Today() {
  const day = today.value;
  const now = metrics.value;
  return (
    <section class="panel" aria-labelledby="today-title">
      <h2 id="today-title">Today</h2>
      <dl class="figures">
        <Figure name="Spent" value={now && cents(now.cost_today)} />
        <Figure name="Success" value={day && successOf(day.completed, day.failed)} />
        <Figure name="Mean time" value={meanTimeS.value === null ? null : duration(meanTimeS.value * 1000)} />
        <Figure name="Completed" value={day && String(day.completed)} />
        <Figure name="Failed" value={day && String(day.failed)} />
        <Figure name="Cancelled" value={day && String(day.cancelled)} />
        <Figure name="In production" value={now && String(now.processing_count)} />
        <Figure name="Waiting" value={now && String(now.queue_depth)} />
      </dl>
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}

/** Share of those that were made among those that ended by themselves. */
function successOf(completed: number, failed: number): string {
  const ended = completed + failed;
  return ended === 0 ? '–' : `${Math.round((100 * completed) / ended)} %`;
}
