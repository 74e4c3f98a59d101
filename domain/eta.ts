import type { Lane } from './lanes.ts';
import { STAGE_NAMES, STAGES, type StageName } from './stages.ts';
import type { Complexity } from './video.ts';

/** Milliseconds that each stage takes. */
export type StageTimes = Record<StageName, number>;

/** What is assumed of a stage before enough of it was measured: that it takes all of its time. */
export const STAGE_LIMIT_TIMES = Object.fromEntries(
  STAGE_NAMES.map((name) => [name, STAGES[name].limitMs]),
) as StageTimes;

/** How far a video in production is. */
export interface Headway {
  done: readonly StageName[];
  /** Milliseconds that running stages have run. */
  running: Partial<Record<StageName, number>>;
}

const NO_HEADWAY: Headway = { done: [], running: {} };

/** Milliseconds until a video in production is finished, never less than 0. Audio and media run side by side. */
export function leftMs(times: StageTimes, { done, running }: Headway = NO_HEADWAY): number {
  const left = (name: StageName) =>
    done.includes(name) ? 0 : Math.max(0, times[name] - (running[name] ?? 0));
  return (
    left('script_generation') +
    Math.max(left('audio_synthesis'), left('media_collection')) +
    left('video_rendering') +
    left('quality_validation') +
    left('upload_preparation')
  );
}

export interface LaneLoad {
  /** Places that living workers offer. */
  places: number;
  /** Videos in production here, each with the milliseconds that it still needs. */
  leftMs: readonly number[];
}

export interface QueueLoad {
  lanes: Record<Lane, LaneLoad>;
  times: Record<Complexity, StageTimes>;
}

/** How many of each complexity are admitted before a video. */
export type Ahead = Record<Complexity, number>;

/**
 * Milliseconds until a waiting video is admitted, never less than 0; null while no living worker offers a place
 * to it. A lane's work ahead is shared by its places; it grows with every video that goes first.
 */
export function waitMs(complexity: Complexity, ahead: Ahead, load: QueueLoad): number | null {
  const premiumLane: Lane = load.lanes.gpu.places > 0 ? 'gpu' : 'cpu';
  const before: Record<Lane, Complexity[]> = { gpu: ['complex'], cpu: ['simple'] };
  before[premiumLane].push('premium');
  const waits = lanesOf(complexity)
    .filter((lane) => load.lanes[lane].places > 0)
    .map((lane) => waitInLane(load, lane, before[lane], ahead));
  return waits.length === 0 ? null : Math.min(...waits);
}

function lanesOf(complexity: Complexity): Lane[] {
  if (complexity === 'premium') return ['gpu', 'cpu'];
  return complexity === 'simple' ? ['cpu'] : ['gpu'];
}

function waitInLane(load: QueueLoad, name: Lane, kinds: Complexity[], ahead: Ahead): number {
  const lane = load.lanes[name];
  const videos = kinds.reduce((sum, kind) => sum + ahead[kind], 0);
  if (videos < lane.places - lane.leftMs.length) return 0;
  const queued = kinds.reduce((sum, kind) => sum + ahead[kind] * leftMs(load.times[kind]), 0);
  const underWay = lane.leftMs.reduce((sum, ms) => sum + ms, 0);
  return (underWay + queued) / lane.places;
}
