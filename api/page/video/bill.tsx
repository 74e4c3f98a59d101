import { STAGE_NAMES, type StageName } from '../../../domain/stages.ts';
import { CostBar } from '../cost-bar.tsx';
import { money, STAGE_LABELS } from '../format.ts';
import type { Video, VideoCosts } from './video-answers.ts';

/** What it cost so far against its cap, by stage and by service. */
export function Bill({ video, costs }: { video: Video; costs: VideoCosts | null }) {
  const spent = costs?.total_cost ?? video.actual_cost;
  const cap = costs?.cap ?? video.max_cost;
  return (
    <section class="panel bill" aria-labelledby="bill-title">
      <h2 id="bill-title">Bill</h2>
      <CostBar cost={spent} limit={cap} label="Spent of the cap" />
      <dl class="facts">
        <Amount name="Spent" amount={spent} />
        <Amount name="Cap" amount={cap} />
        <Amount name="Held for calls under way" amount={costs?.held ?? 0} />
        <Amount name="Assumed billed" amount={costs?.assumed ?? 0} />
        <Amount name="Saved by kept answers" amount={costs?.saved ?? 0} />
      </dl>
      <Stages costs={costs} />
      <Services costs={costs} />
    </section>
  );
}

function Amount({ name, amount }: { name: string; amount: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{money(amount)}</dd>
    </div>
  );
}

/** All six stand there from the beginning; charges from outside get a line when there are some. */
function Stages({ costs }: { costs: VideoCosts | null }) {
  const outside = sumOf(costs, null);
  return (
    <table>
      <caption>By stage</caption>
      <tbody>
        {STAGE_NAMES.map((stage) => (
          <tr key={stage}>
            <th scope="row">{STAGE_LABELS[stage]}</th>
            <td>{money(sumOf(costs, stage))}</td>
          </tr>
        ))}
        {outside > 0 && (
          <tr>
            <th scope="row">Charged from outside</th>
            <td>{money(outside)}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** Over all attempts of a stage. Dollars with six decimals at most, so the sum is rounded to that. */
function sumOf(costs: VideoCosts | null, stage: StageName | null): number {
  const lines = costs?.stages.filter((line) => line.stage === stage) ?? [];
  return Number(lines.reduce((sum, { total }) => sum + total, 0).toFixed(6));
}

function Services({ costs }: { costs: VideoCosts | null }) {
  const services = Object.entries(costs?.breakdown ?? {});
  return (
    <table>
      <caption>By service</caption>
      <tbody>
        {services.length === 0 && (
          <tr>
            <td class="soft">Nothing was charged yet.</td>
          </tr>
        )}
        {services.map(([service, { total, count }]) => (
          <tr key={service}>
            <th scope="row">
              {service} <span class="soft">× {count}</span>
            </th>
            <td>{money(total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
