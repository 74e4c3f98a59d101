import { STAGE_NAMES } from '../../../domain/stages.ts';
import { CostBar } from '../cost-bar.tsx';
import { reasonWords } from '../event-words.ts';
import { cents, duration, STAGE_LABELS, shortTime } from '../format.ts';
import { StagesBar } from '../stages-bar.tsx';
import type { VideoRow } from '../video-row.ts';
import { videos } from './known-videos.ts';
import { waitingWords } from './waiting-words.ts';

/** One video of the list: what it is, how far it is, what it has cost, and when it is ready. */
export function VideoItem({ id }: { id: string }) {
  const row = videos.row(id)?.value;
  if (!row) return null;
  const title = row.subject || 'Untitled';
  return (
    <article class="video-item">
      <div class="what">
        <a href={`/videos/${id}`}>{title}</a>
        <p class="soft small">
          <span>{row.channel_id}</span> · {row.complexity} · priority {row.priority}
        </p>
      </div>
      <div class="how-far">
        <StagesBar stages={row.stages} progress={row.progress} label={`Progress of ${title}`} />
        <p class={row.status === 'failed' ? 'fault small' : 'soft small'}>{doing(row)}</p>
      </div>
      <div class="cost">
        <p class="small">
          {cents(row.actual_cost)} <span class="soft">of {cents(row.max_cost)}</span>
        </p>
        <CostBar cost={row.actual_cost} limit={row.max_cost} label={`Cost of ${title}`} />
      </div>
      <div class="when">
        <span class={`tag ${row.paused ? 'paused' : row.status}`}>{statusWord(row)}</span>
        <p class="soft small">{when(row)}</p>
      </div>
    </article>
  );
}

const STATUS_WORDS = {
  queued: 'waiting',
  processing: 'in production',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

function statusWord({ status, paused, position, waiting_for }: VideoRow): string {
  if (paused) return 'paused';
  return status === 'queued' && position !== null && waiting_for === 'place'
    ? `waiting, no. ${position}`
    : STATUS_WORDS[status];
}

function doing(row: VideoRow): string {
  if (row.status === 'queued') return waitingWords(row);
  if (row.status === 'processing') return runningWords(row);
  if (row.status === 'completed') return row.lane ? `Made on the ${row.lane} lane` : 'Made';
  return row.reason ? reasonWords(row.reason) : '';
}

function runningWords({ stages, lane }: VideoRow): string {
  const running = STAGE_NAMES.filter((name) => stages[name].state === 'running')
    .map((name) => `${STAGE_LABELS[name]} ${Math.round(stages[name].percent)} %`)
    .join(', ');
  const begun = STAGE_NAMES.some((name) => stages[name].state !== 'waiting');
  return `${running || (begun ? 'Between two stages' : 'About to begin')} on ${lane ?? 'no lane'}`;
}

function when({ status, eta, started_at, completed_at }: VideoRow): string {
  const now = Date.now();
  if (completed_at) {
    const took = started_at ? `, took ${duration(Date.parse(completed_at) - Date.parse(started_at))}` : '';
    return `${shortTime(completed_at, now)}${status === 'completed' ? took : ''}`;
  }
  return eta ? `ready about ${shortTime(eta, now)}` : 'no time known';
}
