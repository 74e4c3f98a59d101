import type { PipelineEvent } from '../../domain/events.ts';
import { type Micros, parseDollars } from '../../domain/money.ts';
import { type Mender, redoneFrom } from '../../domain/quality.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import type { VideoStatus } from '../../domain/video.ts';
import type { StatusAnswer } from './api-client.ts';
import type { FeedItem } from './event-feed.ts';

export interface StageState {
  state: 'waiting' | 'running' | 'done' | 'failed';
  percent: number;
  startedMs: number;
  endedMs: number;
  /** What the stage does now, how it was made, or why it failed. */
  note: string;
}

/** What a watcher knows of a video. Times are epoch milliseconds by the pipeline's clock. */
export interface VideoState {
  status: VideoStatus;
  reason: string | null;
  position: number | null;
  /** Why a queued video waits, as the status answer says it. */
  waitingFor: StatusAnswer['waiting_for'];
  startedMs: number;
  cost: Micros;
  stages: Record<StageName, StageState>;
  /** Trouble of the machine itself, such as a full disk, that was met again and again; its last message. */
  outage: { times: number; message: string };
}

const WAITING: StageState = { state: 'waiting', percent: 0, startedMs: 0, endedMs: 0, note: '' };

/** A video of which nothing is known yet but when it was ordered. */
export function newVideoState(startedMs: number): VideoState {
  const stages = Object.fromEntries(STAGE_NAMES.map((name) => [name, WAITING]));
  return {
    status: 'queued',
    reason: null,
    position: null,
    waitingFor: null,
    startedMs,
    cost: 0,
    stages: stages as Record<StageName, StageState>,
    outage: NO_OUTAGE,
  };
}

const NO_OUTAGE = { times: 0, message: '' };

/** The state after one more item of the feed. */
export function advance(state: VideoState, item: FeedItem): VideoState {
  return item.kind === 'snapshot' ? takeSnapshot(state, item.view) : takeEvent(state, item.event);
}

function takeSnapshot(state: VideoState, view: StatusAnswer): VideoState {
  return {
    ...state,
    status: view.status,
    reason: view.reason,
    position: view.position,
    waitingFor: view.waiting_for,
    cost: Math.max(state.cost, parseDollars(view.actual_cost)),
  };
}

function takeEvent(state: VideoState, event: PipelineEvent): VideoState {
  const atMs = Date.parse(event.at);
  switch (event.type) {
    case 'video.queued':
      return { ...state, position: event.position };
    case 'video.admitted':
      return { ...state, status: 'processing', position: null, waitingFor: null };
    case 'video.released':
      return { ...state, status: 'queued', reason: event.reason };
    case 'stage.started':
      return withStage(state, event.stage, { state: 'running', percent: 0, startedMs: atMs, note: '' });
    case 'stage.progress':
      return withStage(state, event.stage, { percent: event.percent, note: event.note ?? '' });
    case 'stage.completed': {
      const note = event.reused ? 'kept from before' : Object.values(event.providers).join(', ');
      const done = { state: 'done', percent: 100, endedMs: atMs, note } as const;
      return withStage({ ...state, outage: NO_OUTAGE }, event.stage, done);
    }
    case 'stage.failed': {
      const { message, kind } = event;
      const times = kind === 'infrastructure' ? state.outage.times + 1 : 0;
      const failed = { state: 'failed', endedMs: atMs, note: message } as const;
      return withStage({ ...state, outage: { times, message } }, event.stage, failed);
    }
    case 'quality.failed':
      return takeRejection(state, event.checks, event.mend);
    case 'cost.charged':
      return { ...state, cost: parseDollars(event.total) };
    case 'video.completed':
      return { ...state, status: 'completed', cost: parseDollars(event.cost) };
    case 'video.failed':
    case 'video.cancelled':
      return {
        ...state,
        status: event.type === 'video.failed' ? 'failed' : 'cancelled',
        reason: event.reason,
        cost: parseDollars(event.cost),
      };
    default:
      return state;
  }
}

/** The stages that run again are yet to come once more. */
function takeRejection(state: VideoState, checks: string, mend: Mender): VideoState {
  const again = Object.fromEntries(redoneFrom(mend).map((name) => [name, WAITING]));
  const stages = { ...state.stages, ...again };
  return withStage({ ...state, stages }, 'quality_validation', { state: 'failed', note: checks });
}

function withStage(state: VideoState, name: StageName, change: Partial<StageState>): VideoState {
  return { ...state, stages: { ...state.stages, [name]: { ...state.stages[name], ...change } } };
}
