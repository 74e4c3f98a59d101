import { cents, duration } from '../format.ts';
import { daily, metrics } from './pipeline.ts';

/** Money, success and time of the day, and how much there is to do. */
export function Today() {
  const day = daily.value?.days[0];
  const { success_rate: rate, avg_processing_time: meanS } = daily.value?.daily ?? {};
  const now = metrics.value;
  return (
    <section class="panel" aria-labelledby="today-title">
      <h2 id="today-title">Today</h2>
      <dl class="figures">
        <Figure name="Spent" value={now && cents(now.cost_today)} />
        <Figure name="Success, 24 h" value={rate == null ? null : `${Math.round(rate)} %`} />
        <Figure name="Mean time, 24 h" value={meanS == null ? null : duration(meanS * 1000)} />
        <Figure name="Completed" value={day && String(day.completed)} />
        <Figure name="Failed" value={day && String(day.failed)} />
        <Figure name="Cancelled" value={day && String(day.cancelled)} />
        <Figure name="In production" value={now && String(now.processing_count)} />
        <Figure name="Waiting" value={now && String(now.queue_depth)} />
      </dl>
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string | null | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}
