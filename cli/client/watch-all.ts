import type { EventFields, PipelineEvent } from '../../domain/events.ts';
import { isFinal } from '../../domain/video.ts';
import { EXIT } from './cli-error.ts';
import { formatAmount, formatTime, jsonLine, oneLine } from './format.ts';
import { isOldQuarter, plainText } from './plain-screen.ts';
import { followStream, type StreamSource } from './stream.ts';
import type { Terminal } from './terminal.ts';
import { cutTo } from './text-width.ts';
import { paint, type Tone } from './tone.ts';
import { advance, newVideoState, type VideoState } from './video-state.ts';

/** Shows what happens to all videos from now on, a line each, until Ctrl-C. Answers the exit code. */
export async function watchAll(
  { json, ...source }: Omit<StreamSource, 'signal'> & { json: boolean },
  terminal: Terminal,
): Promise<number> {
  const interrupted = new AbortController();
  const off = terminal.onInterrupt(() => interrupted.abort());
  const stream = { path: '/pipeline/stream', what: 'watch', isEnded: () => false, fromNow: true };
  const texts = createTexts();
  try {
    for await (const { value } of followStream({ ...source, signal: interrupted.signal }, stream)) {
      if (json) terminal.write(jsonLine(value));
      else show(terminal, value as Told, texts);
    }
  } finally {
    off();
  }
  terminal.error('stopped watching; the videos go on');
  return EXIT.interrupted;
}

/** Where the time of the day begins. */
const CLOCK = 'YYYY-MM-DD '.length;

/** An event, or whether events come as they happen. */
type Told = PipelineEvent | { type: 'live'; live: boolean };

function show(terminal: Terminal, told: Told, texts: (event: PipelineEvent) => string | null): void {
  if (told.type === 'live') {
    if (!told.live) terminal.error('events are held up: Redis does not answer');
    return;
  }
  const text = texts(told);
  if (text === null) return;
  const who = told.video_id === null ? 'pipeline' : told.video_id.slice(0, 8);
  const line = oneLine(`${formatTime(told.at).slice(CLOCK)}  ${who}  ${text}`);
  const width = terminal.columns();
  terminal.write(`${paint(terminal, toneOf(told.type), width === null ? line : cutTo(line, width))}\n`);
}

/** Events in words; what is known of a video that is under way is kept, so that its cost can be told. */
function createTexts(): (event: PipelineEvent) => string | null {
  const quarters = new Map<string, number>();
  const states = new Map<string | null, VideoState>();
  return (event) => {
    const before = states.get(event.video_id) ?? newVideoState(Date.parse(event.at));
    const state = advance(before, { kind: 'event', event });
    if (isFinal(state.status)) states.delete(event.video_id);
    else states.set(event.video_id, state);
    return isOldQuarter(event, quarters)
      ? null
      : (endText(event) ?? pipelineText(event) ?? plainText(event, state));
  };
}

function endText(event: PipelineEvent): string | null {
  switch (event.type) {
    case 'video.completed':
      return `completed: ${event.title} · ${formatAmount(event.cost)}`;
    case 'video.failed':
      return `failed${event.stage ? ` at ${event.stage}` : ''}, ${event.reason}: ${event.message}`;
    case 'video.cancelled':
      return `cancelled, ${event.reason} · ${formatAmount(event.cost)}`;
    default:
      return null;
  }
}

/** What concerns more than one video. */
function pipelineText(event: PipelineEvent): string | null {
  switch (event.type) {
    case 'provider.closed':
      return `${event.provider} is closed${event.closed_until ? ` until ${formatTime(event.closed_until)}` : ''}: ${event.reason}`;
    case 'provider.opened':
      return `${event.provider} is open again`;
    case 'pipeline.changed':
      return CHANGED[event.change];
    case 'disk.low':
      return `disk of ${event.machine} is nearly full: ${event.free_mb} MB free, ${event.floor_mb} MB are needed`;
    case 'disk.ok':
      return `disk of ${event.machine} has room again`;
    case 'lane.down':
      return `lane ${event.lane} of ${event.machine} is down: ${event.reason}`;
    case 'lane.up':
      return `lane ${event.lane} of ${event.machine} is up again`;
    default:
      return null;
  }
}

/** What an operator did with the whole pipeline. */
const CHANGED: Record<EventFields['pipeline.changed']['change'], string> = {
  paused: 'production is paused',
  resumed: 'production goes on',
  halted: 'everything is halted',
  provider_opened: 'a closed service was opened by an operator',
};

function toneOf(type: PipelineEvent['type']): Tone {
  if (type === 'video.completed') return 'good';
  if (BAD.has(type)) return 'bad';
  if (type === 'video.cancelled' || type === 'cost.alert') return 'warning';
  return type === 'stage.progress' ? 'quiet' : 'plain';
}

const BAD = new Set<string>([
  'video.failed',
  'stage.failed',
  'quality.failed',
  'lane.down',
  'disk.low',
  'provider.closed',
]);
