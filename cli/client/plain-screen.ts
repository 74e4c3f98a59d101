import type { EventFields, PipelineEvent } from '../../domain/events.ts';
import { formatDollars } from '../../domain/money.ts';
import { formatAmount, formatElapsed, oneLine } from './format.ts';
import { headLines, type Screen } from './screen.ts';
import type { Terminal } from './terminal.ts';
import type { VideoState } from './video-state.ts';

const STEP = 25;

/** A line when a stage starts, at each quarter of its work, and at its end: for logs and pipes. */
export function createPlainScreen(terminal: Terminal): Screen {
  const shownQuarter = new Map<string, number>();
  return {
    open: (head) => terminal.write(`${headLines(head).join('\n')}\n`),
    show: (item, state) => {
      if (item.kind === 'snapshot' || isOldQuarter(item.event, shownQuarter)) return;
      const text = plainText(item.event, state);
      if (text === null) return;
      const elapsed = formatElapsed(Date.parse(item.event.at) - state.startedMs);
      terminal.write(`[${elapsed}] ${oneLine(text)}\n`);
    },
    close: () => undefined,
  };
}

/** True for progress inside a quarter that has been shown: a log takes a line at each 25 % only. */
export function isOldQuarter(event: PipelineEvent, shown: Map<string, number>): boolean {
  if (!('stage' in event)) return false;
  const key = `${event.video_id} ${event.stage}`;
  if (event.type === 'stage.started') shown.set(key, 0);
  if (event.type !== 'stage.progress') return false;
  const quarter = Math.floor(event.percent / STEP);
  if (quarter <= (shown.get(key) ?? 0) || quarter * STEP >= 100) return true;
  shown.set(key, quarter);
  return false;
}

/** An event in words, or null for one that is not told by itself. */
export function plainText(event: PipelineEvent, state: VideoState): string | null {
  const cost = formatDollars(state.cost);
  switch (event.type) {
    case 'video.queued':
      return event.position === null ? 'queued' : `queued, position ${event.position}`;
    case 'video.admitted':
      return `in production on the ${event.lane} lane`;
    case 'video.released':
      return `back in the queue: ${event.reason}`;
    case 'stage.started':
      return `${event.stage} started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`;
    case 'stage.progress':
      return `${event.stage} ${Math.floor(event.percent)} % · ${cost}`;
    case 'stage.completed': {
      const note = state.stages[event.stage].note;
      return `${event.stage} done in ${(event.duration_ms / 1000).toFixed(1)} s${note && ` (${note})`} · ${cost}`;
    }
    case 'stage.failed':
      return `${event.stage} failed: ${event.message}; ${event.next}`;
    case 'stage.alert':
      return `${event.stage} is held up: ${event.message}`;
    case 'provider.fallback':
      return `${event.used} takes over from ${event.provider}: ${event.reason}`;
    case 'video.changed':
      return CHANGED[event.change];
    case 'quality.failed':
      return `quality: ${event.checks}: ${event.mend} runs again`;
    case 'cost.alert':
      return `cost ${event.level}: ${formatAmount(event.cost)}`;
    default:
      return null;
  }
}

/** What an operator did. */
const CHANGED: Record<EventFields['video.changed']['change'], string> = {
  paused: 'paused by an operator',
  resumed: 'resumed by an operator',
  priority: 'has another priority',
  max_cost: 'has another cap on its cost',
};
